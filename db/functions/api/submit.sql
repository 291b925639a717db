CREATE OR REPLACE FUNCTION pms.is_batch_array(list jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN jsonb_typeof(list) = 'array' THEN jsonb_array_length(list) BETWEEN 1 AND 1000
    ELSE FALSE
END;

COMMENT ON FUNCTION pms.is_batch_array IS
'Whether a list sent by hand is an array of 1 to 1000 elements; false for null.';

CREATE OR REPLACE FUNCTION pms.outcome_json(o pms.outcome)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'ordinal', (o).ordinal,
    'outcome', (o).outcome,
    'reason', (o).reason,
    'detail', (o).detail,
    'trace_id', (o).trace_id
);

COMMENT ON FUNCTION pms.outcome_json IS 'The outcome of one message, as the API answers it.';

CREATE OR REPLACE FUNCTION pms.outcome_response(outcome jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF outcome ->> 'outcome' <> 'rejected' THEN
        RETURN outcome - 'ordinal';
    END IF;

    IF outcome ->> 'reason' = 'identity_conflict' THEN
        RETURN pms.error_response(
            409, 'CONFLICT', 'already recorded with other content',
            jsonb_build_object('reason', outcome -> 'reason', 'detail', outcome -> 'detail')
        );
    END IF;

    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', outcome ->> 'detail',
        jsonb_build_object(
            'field', split_part(outcome ->> 'detail', ':', 1), 'reason', outcome -> 'reason'
        )
    );
END
$$;

COMMENT ON FUNCTION pms.outcome_response IS $$The answer to something recorded by hand, alone

A rejected one becomes a refusal: 409 when it contradicts what was recorded, else 400.$$;

CREATE OR REPLACE FUNCTION pms.submit_fills(fills jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_order_events(
            ARRAY(
                SELECT
                    CASE
                        WHEN jsonb_typeof(f.fill) <> 'object' THEN f.fill
                        ELSE jsonb_build_object('trace_id', pms.trace_id())
                            || f.fill
                            || '{"event_type": "order_executed"}'
                            || CASE
                                WHEN coalesce(
                                    f.fill #>> '{order,account}', f.fill ->> 'account'
                                ) IS NULL
                                    THEN jsonb_build_object('account', pms.resolve_account(NULL))
                                ELSE '{}'
                            END
                    END
                FROM jsonb_array_elements(submit_fills.fills) WITH ORDINALITY f (fill, place)
                ORDER BY f.place
            ),
            'api'
        ) o
    );
END
$$;

COMMENT ON FUNCTION pms.submit_fills IS
$$Record fills by hand; an array of their outcomes, in order

fills: an array; one that names no account is of that which is meant, see pms.resolve_account.$$;

CREATE OR REPLACE FUNCTION pms.submit_prices(prices jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.require_unscoped_key();

    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_prices(
            ARRAY(
                SELECT
                    jsonb_build_object(
                        'event_type', 'ticker', 'trace_id', pms.trace_id(), 'payload', p.price
                    )
                FROM jsonb_array_elements(submit_prices.prices) WITH ORDINALITY p (price, place)
                ORDER BY p.place
            ),
            'api', 'api'
        ) o
    );
END
$$;

COMMENT ON FUNCTION pms.submit_prices IS
$$Record mark prices by hand; an array of their outcomes, in order

prices: an array. Refuses with:
- 403 when the key is bound to accounts: a price is of them all$$;
