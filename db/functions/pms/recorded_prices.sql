-- Deploy position_manager:functions/pms/recorded_prices to pg
-- requires: functions/pms/apply_prices
-- requires: functions/pms/need_all_accounts
-- requires: functions/pms/outcome_json
-- requires: functions/pms/trace_id

BEGIN;

CREATE OR REPLACE FUNCTION pms.recorded_prices(prices jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.need_all_accounts();

    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_prices(
            ARRAY(
                SELECT
                    jsonb_build_object(
                        'event_type', 'ticker', 'trace_id', pms.trace_id(), 'payload', p.price
                    )
                FROM jsonb_array_elements(recorded_prices.prices) WITH ORDINALITY p (price, place)
                ORDER BY p.place
            ),
            'api', 'api'
        ) o
    );
END
$$;

COMMENT ON FUNCTION pms.recorded_prices IS
$$Record mark prices by hand; an array of their outcomes, in order

prices: an array. Refuses with:
- 403 when the key is bound to accounts: a price is of them all$$;

COMMIT;
