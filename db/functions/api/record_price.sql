-- Deploy position_manager:functions/api/record_price to pg
-- requires: functions/api/record_prices
-- requires: functions/pms/recorded

BEGIN;

CREATE OR REPLACE FUNCTION api.record_price(
    symbol text DEFAULT NULL,
    mark_price text DEFAULT NULL,
    "timestamp" text DEFAULT NULL  -- noqa: RF06
)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.recorded(api.record_prices(jsonb_build_array(jsonb_strip_nulls(
        jsonb_build_object(
            'symbol', symbol, 'mark_price', mark_price, 'timestamp', record_price.timestamp
        )
    ))) -> 'outcomes' -> 0);
END
$$;

COMMENT ON FUNCTION api.record_price IS $$Record one mark price by hand

Answers {outcome, reason, detail, trace_id}: applied, duplicate, or stale when a newer price is
known. timestamp is the time of the price, default now.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it$$;

GRANT EXECUTE ON FUNCTION api.record_price TO pms_trader, pms_operator;

COMMIT;
