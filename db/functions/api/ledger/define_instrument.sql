CREATE OR REPLACE FUNCTION api.define_instrument(
    asset text,
    kind text DEFAULT 'linear',
    multiplier numeric DEFAULT 1,
    quote_currency text DEFAULT 'USDT',
    settlement_currency text DEFAULT 'USDT',
    allows_negative_price boolean DEFAULT FALSE,
    expires_at text DEFAULT NULL,
    tick_size numeric DEFAULT NULL,
    quantity_step numeric DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'define_instrument',
        jsonb_build_object(
            'asset', asset,
            'kind', kind,
            'multiplier', multiplier,
            'quote_currency', quote_currency,
            'settlement_currency', settlement_currency,
            'allows_negative_price', allows_negative_price,
            'expires_at', expires_at,
            'tick_size', tick_size,
            'quantity_step', quantity_step
        )
    );
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', define_instrument.asset),
            ('quote_currency', 'asset', define_instrument.quote_currency),
            ('settlement_currency', 'asset', define_instrument.settlement_currency),
            ('expires_at', 'time', define_instrument.expires_at)
        ]::pms.argument[],
        '{asset,quote_currency,settlement_currency}'
    );
    v_expires_at CONSTANT timestamptz := (asked.value ->> 'expires_at')::timestamptz;
    v_changed pms.changed_leg[];
BEGIN
    PERFORM pms.require_unscoped_key();

    asked.objections := nullif(
        coalesce(asked.objections, '{}') || jsonb_strip_nulls(jsonb_build_object(
            'kind', CASE
                WHEN (kind IN ('linear', 'inverse', 'spot')) IS NOT TRUE
                    THEN 'must be linear, inverse or spot'
            END,
            'multiplier', pms.check_positive(
                pms.parse_argument('decimal', multiplier::text)::numeric
            ),
            'allows_negative_price', CASE
                WHEN allows_negative_price IS NULL THEN 'must be true or false'
                WHEN kind = 'inverse' AND allows_negative_price
                    THEN 'must be false: an inverse contract has no value at 0'
            END,
            'expires_at', pms.check_time(NULL, v_expires_at),
            'tick_size', CASE
                WHEN tick_size IS NOT NULL
                    THEN pms.check_positive(
                            pms.parse_argument('decimal', tick_size::text)::numeric
                        )
            END,
            'quantity_step', CASE
                WHEN quantity_step IS NOT NULL
                    THEN pms.check_positive(
                            pms.parse_argument('decimal', quantity_step::text)::numeric
                        )
            END
        )),
        '{}'
    );

    IF command.answer IS NULL AND asked.objections IS NULL THEN
        v_changed := pms.change_instrument(
            asked.value ->> 'asset', kind, multiplier, asked.value ->> 'quote_currency',
            asked.value ->> 'settlement_currency', allows_negative_price, v_expires_at, tick_size,
            quantity_step, command.trace_id
        );
        PERFORM pms.finish_entries(v_changed, 'api');
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            jsonb_build_object(
                'outcome', 'defined',
                'asset', asked.value -> 'asset',
                'recounted_legs', cardinality(v_changed),
                'trace_id', command.trace_id
            )
        )
    );
EXCEPTION
    WHEN data_exception THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'instrument cannot be counted like this',
            DETAIL = format('an entry of %s has no value by this rule', asked.value ->> 'asset'),
            HINT = 'An inverse contract has no value at a price of zero: bust or correct such a fill first.';
END
$$;

COMMENT ON FUNCTION api.define_instrument IS $$Say how an instrument is valued

kind: linear, inverse or spot. multiplier > 0. expires_at: from then on a fill may settle it at 0.
tick_size, quantity_step: fills off this grid count, and flag their position. Possible at any time:
legs that were counted by another rule are counted again from their first entry, and the difference
in realized PnL is kept as a restatement (cause recount); recounted_legs is their number. Answers
{outcome, asset, recounted_legs, trace_id}. An absent argument has its default. Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when a value is out of its range
- 403 FORBIDDEN when the key is bound to accounts
- 409 `instrument cannot be counted like this` when an entry has no value by the new rule
- 409 `instrument has changed its contract` when a corporate action has, and another kind, multiplier
  or settlement currency would rewrite what it changed$$;

GRANT EXECUTE ON FUNCTION api.define_instrument TO pms_operator, pms_http_operator;
