-- Deploy position_manager:functions/api/remove_limit to pg
-- requires: functions/pms/note_command
-- requires: migrations/limits

BEGIN;

CREATE OR REPLACE FUNCTION api.remove_limit(id text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_removed text;
BEGIN
    DELETE FROM pms.limits l
    WHERE l.id = remove_limit.id
    RETURNING l.source INTO v_removed;

    IF v_removed IS NULL THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = 'no such limit',
            DETAIL = format('id is %L', remove_limit.id),
            HINT = 'Name one by the id that api.limits shows.';
    END IF;
    IF v_removed = 'settings' THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'limit of the settings',
            DETAIL = format('%s would be back with the next deploy', remove_limit.id),
            HINT = 'Empty POSITION_MANAGER_PORTFOLIO_MAX_EXPOSURE_USDT and deploy.';
    END IF;
    PERFORM pms.note_command('remove_limit', jsonb_build_object('id', remove_limit.id));
END
$$;

COMMENT ON FUNCTION api.remove_limit IS $$Remove a limit; its breach, if there is one, ends

Refuses with:
- 404 `no such limit`
- 409 `limit of the settings` when it is the environment's to remove$$;

GRANT EXECUTE ON FUNCTION api.remove_limit TO pms_operator;

COMMIT;
