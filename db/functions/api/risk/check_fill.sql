CREATE OR REPLACE FUNCTION api.check_fill(
    asset text DEFAULT NULL,
    side text DEFAULT NULL,
    quantity text DEFAULT NULL,
    price text DEFAULT NULL,
    fee text DEFAULT NULL,
    mode text DEFAULT NULL,
    position_side text DEFAULT NULL,
    account text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan costs more than the check takes.
SET jit = off
AS $$
DECLARE
    fill pms.order_event := pms.parse_simulated_fill(jsonb_build_object(
        'asset', asset,
        'side', side,
        'quantity', quantity,
        'price', price,
        'fee', fee,
        'mode', mode,
        'position_side', position_side,
        'account', pms.resolve_account(nullif(account, ''))
    ));
    v_legs pms.priced_leg[];
    v_before jsonb;
    v_after jsonb;
BEGIN
    IF fill.outcome = 'rejected' THEN
        RETURN pms.validation_error(jsonb_build_object(
            split_part(fill.detail, ': ', 1), regexp_replace(fill.detail, '^[^:]*: ', '')
        ));
    END IF;

    v_legs := pms.current_legs(NULL);
    v_before := pms.pre_trade_side_json(v_legs, fill, nullif(account, ''));
    v_after := pms.pre_trade_side_json(
        pms.legs_after_fill(v_legs, fill), fill, nullif(account, '')
    );

    RETURN (
        SELECT jsonb_build_object(
            'allowed', bool_and(NOT l.is_worse) IS NOT FALSE,
            'fill', jsonb_build_object(
                'account', fill.account,
                'asset', fill.asset,
                'mode', fill.mode,
                'position_side', nullif(fill.leg, 'net'),
                'side', CASE WHEN fill.quantity > 0 THEN 'buy' ELSE 'sell' END,
                'quantity', pms.decimal_text(abs(fill.quantity)),
                'price', pms.decimal_text(fill.price),
                'fee', pms.decimal_text(fill.fee)
            ),
            'position', jsonb_build_object(
                'before', v_before -> 'position', 'after', v_after -> 'position'
            ),
            'portfolio', jsonb_build_object(
                'before', v_before -> 'portfolio', 'after', v_after -> 'portfolio'
            ),
            'limits', coalesce(
                jsonb_agg(
                    l.before - '{value,utilisation,level}'::text[]
                    || jsonb_build_object('before', l.used_before, 'after', l.used_after)
                    ORDER BY l.place
                ),
                '[]'
            ),
            'calculated_at', pms.time_text(clock_timestamp())
        )
        FROM (
            SELECT
                b.before,
                b.place,
                b.before - s.fixed AS used_before,
                a.after - s.fixed AS used_after,
                a.after ->> 'level' = 'breach'
                AND (a.after ->> 'value')::numeric > (b.before ->> 'value')::numeric AS is_worse
            FROM jsonb_array_elements(v_before -> 'limits') WITH ORDINALITY b (before, place)
            INNER JOIN jsonb_array_elements(v_after -> 'limits') a (after)
                ON b.before -> 'id' = a.after -> 'id'
            CROSS JOIN (
                SELECT '{id,scope,account,asset,metric,limit,warn}'::text[]
            ) s (fixed)
            -- Those of other accounts are no matter of this one.
            WHERE coalesce(b.before ->> 'account', fill.account) = fill.account
        ) l
    );
END
$$;

COMMENT ON FUNCTION api.check_fill IS $$Check the effect of a fill without recording it

The position of the fill (account main, mode one-way unless said), the portfolio (of the account
that is named, else of all accounts) and every limit that concerns it, before and after. allowed is
false when a limit would be breached that is not, or further than it is. price: the mark price when
absent; fee: in the settlement currency. What is left out of the totals for want of a price or a
rate is named in unpriced; but the limits take the asset of the fill at its price, when it has no
other.

Refuses with:
- 400 VALIDATION_ERROR when an argument is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.check_fill TO pms_reader, pms_trader, pms_operator;
