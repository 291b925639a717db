-- Deploy position_manager:functions/api/record_prices to pg
-- requires: functions/pms/begin_command
-- requires: functions/pms/end_command
-- requires: functions/pms/is_batch
-- requires: functions/pms/recorded_prices
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION api.record_prices(prices jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_prices', jsonb_build_object('prices', prices)
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF NOT pms.is_batch(prices) THEN
        RETURN pms.end_command(
            command,
            pms.refusal(
                400, 'VALIDATION_ERROR', 'prices must be an array',
                jsonb_build_object('field', 'prices', 'expected', 'an array of 1 to 1000 prices')
            )
        );
    END IF;

    RETURN pms.end_command(command, jsonb_build_object('outcomes', pms.recorded_prices(prices)));
END
$$;

COMMENT ON FUNCTION api.record_prices IS $$Record mark prices by hand, with one outcome each

prices: an array of 1 to 1000 objects {symbol, mark_price, timestamp (default: now)}. Answers
{outcomes}: applied, duplicate, stale (a newer price is known) or rejected with reason and detail.

Refuses with:
- 400 VALIDATION_ERROR when prices is not such an array
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_prices TO pms_trader, pms_operator;

COMMIT;
