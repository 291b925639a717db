-- Deploy position_manager:functions/pms/recorded to pg
-- requires: functions/pms/refusal

BEGIN;

CREATE OR REPLACE FUNCTION pms.recorded(outcome jsonb)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    IF outcome ->> 'outcome' <> 'rejected' THEN
        RETURN outcome - 'ordinal';
    END IF;

    IF outcome ->> 'reason' = 'identity_conflict' THEN
        RETURN pms.refusal(
            409, 'CONFLICT', 'already recorded with other content',
            jsonb_build_object('reason', outcome -> 'reason', 'detail', outcome -> 'detail')
        );
    END IF;

    RETURN pms.refusal(
        400, 'VALIDATION_ERROR', outcome ->> 'detail',
        jsonb_build_object(
            'field', split_part(outcome ->> 'detail', ':', 1), 'reason', outcome -> 'reason'
        )
    );
END
$$;

COMMENT ON FUNCTION pms.recorded IS $$The answer to something recorded by hand, alone

A rejected one becomes a refusal: 409 when it contradicts what was recorded, else 400.$$;

COMMIT;
