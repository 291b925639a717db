-- Deploy position_manager:functions/api/record_prices to pg
-- requires: functions/pms/apply_prices
-- requires: functions/pms/is_batch
-- requires: functions/pms/need_all_accounts
-- requires: functions/pms/outcome_json
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION api.record_prices(prices jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.need_all_accounts();

    IF NOT pms.is_batch(prices) THEN
        RETURN pms.refusal(
            400, 'VALIDATION_ERROR', 'prices must be an array',
            jsonb_build_object('field', 'prices', 'expected', 'an array of 1 to 1000 prices')
        );
    END IF;

    RETURN jsonb_build_object('outcomes', (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_prices(
            ARRAY(
                SELECT
                    jsonb_build_object(
                        'event_type', 'ticker', 'trace_id', pms.trace_id(), 'payload', p.price
                    )
                FROM jsonb_array_elements(record_prices.prices) WITH ORDINALITY p (price, place)
                ORDER BY p.place
            ),
            'api', 'api'
        ) o
    ));
END
$$;

COMMENT ON FUNCTION api.record_prices IS $$Record mark prices by hand, with one outcome each

prices: an array of 1 to 1000 objects {symbol, mark_price, timestamp (default: now)}. Answers
{outcomes}: applied, duplicate, stale (a newer price is known) or rejected with reason and detail.

Refuses with:
- 400 VALIDATION_ERROR when prices is not such an array$$;

GRANT EXECUTE ON FUNCTION api.record_prices TO pms_trader, pms_operator;

COMMIT;
