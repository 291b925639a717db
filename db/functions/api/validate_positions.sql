-- Deploy position_manager:functions/api/validate_positions to pg
-- requires: functions/pms/validate_positions

BEGIN;

CREATE OR REPLACE FUNCTION api.validate_positions(progress jsonb DEFAULT NULL)
RETURNS jsonb
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
RETURN to_jsonb(
    pms.validate_positions(
        coalesce(validate_positions.progress, jsonb_build_object('origin', 'request'))
    )
);

COMMENT ON FUNCTION api.validate_positions IS $$Validate all positions, a hundred at each call

Without progress it begins; then progress is what the call before has answered, until that is null.
What the rules allow is put right. Answers progress, and in done what was found, in words.$$;

GRANT EXECUTE ON FUNCTION api.validate_positions TO pms_operator;

COMMIT;
