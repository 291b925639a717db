-- Deploy position_manager:functions/api/drop_dead_letter to pg
-- requires: functions/pms/begin_command
-- requires: functions/pms/end_command
-- requires: functions/pms/need_all_accounts
-- requires: functions/pms/refusal
-- requires: migrations/rejected_messages

BEGIN;

CREATE OR REPLACE FUNCTION api.drop_dead_letter(id bigint)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    command pms.command := pms.begin_command(
        'drop_dead_letter', jsonb_build_object('id', id)
    );
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    PERFORM pms.need_all_accounts();

    DELETE FROM pms.rejected_messages r WHERE r.id = drop_dead_letter.id;

    IF NOT FOUND THEN
        RETURN pms.end_command(
            command,
            pms.refusal(
                404, 'NOT_FOUND', format('no dead letter %s', drop_dead_letter.id),
                jsonb_build_object('id', drop_dead_letter.id)
            )
        );
    END IF;

    RETURN pms.end_command(
        command,
        jsonb_build_object('id', drop_dead_letter.id, 'outcome', 'dropped')
    );
END
$$;

COMMENT ON FUNCTION api.drop_dead_letter IS $$Throw a refused message away

Answers {id, outcome}. Sent again and refused again it is there again.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when its Idempotency-Key came with another request$$;

GRANT EXECUTE ON FUNCTION api.drop_dead_letter TO pms_operator, pms_http_operator;

COMMIT;
