-- Deploy position_manager:functions/api/record_fills to pg
-- requires: functions/pms/begin_command
-- requires: functions/pms/end_command
-- requires: functions/pms/is_batch
-- requires: functions/pms/recorded_fills
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION api.record_fills(fills jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_fills', jsonb_build_object('fills', fills)
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF NOT pms.is_batch(fills) THEN
        RETURN pms.end_command(
            command,
            pms.refusal(
                400, 'VALIDATION_ERROR', 'fills must be an array',
                jsonb_build_object('field', 'fills', 'expected', 'an array of 1 to 1000 fills')
            )
        );
    END IF;

    RETURN pms.end_command(command, jsonb_build_object('outcomes', pms.recorded_fills(fills)));
END
$$;

COMMENT ON FUNCTION api.record_fills IS $$Record fills by hand, with one outcome each

fills: an array of 1 to 1000 objects with the fields of an execution (contract.md, section 2):
execution_id (or order_id with executed_at), asset, side, execution_quantity, execution_price,
execution_fees, executed_at, account, mode, position_side. Answers {outcomes}: applied,
duplicate, ignored or rejected with reason and detail; one bad fill costs its neighbours nothing.
Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is not such an array
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.record_fills TO pms_trader, pms_operator;

COMMIT;
