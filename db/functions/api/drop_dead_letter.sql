-- Deploy position_manager:functions/api/drop_dead_letter to pg
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
BEGIN
    PERFORM pms.need_all_accounts();

    DELETE FROM pms.rejected_messages r WHERE r.id = drop_dead_letter.id;

    IF NOT FOUND THEN
        RETURN pms.refusal(
            404, 'NOT_FOUND', format('no dead letter %s', drop_dead_letter.id),
            jsonb_build_object('id', drop_dead_letter.id)
        );
    END IF;

    RETURN jsonb_build_object('id', drop_dead_letter.id, 'outcome', 'dropped');
END
$$;

COMMENT ON FUNCTION api.drop_dead_letter IS $$Throw a refused message away

Answers {id, outcome}. Sent again and refused again it is there again.

Refuses with:
- 404 NOT_FOUND when there is no such dead letter$$;

GRANT EXECUTE ON FUNCTION api.drop_dead_letter TO pms_operator, pms_http_operator;

COMMIT;
