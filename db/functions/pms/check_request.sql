-- Deploy position_manager:functions/pms/check_request to pg
-- requires: functions/pms/find_key
-- requires: functions/pms/may_request

BEGIN;

-- SECURITY INVOKER: a definer function may not change the role.
CREATE OR REPLACE FUNCTION pms.check_request()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_headers jsonb := current_setting('request.headers')::jsonb;
    v_method text := current_setting('request.method');
    v_path text := current_setting('request.path');
    found record;
BEGIN
    -- From here on nobody can see the key.
    PERFORM set_config('request.headers', (v_headers - 'x-api-key')::text, TRUE);

    IF v_method IN ('GET', 'HEAD')
        AND v_path IN ('/rpc/get_health', '/rpc/get_metrics', '/rpc/get_metrics_text')
    THEN
        -- Open to everybody. Health has to answer within a second.
        PERFORM set_config('statement_timeout', '700ms', TRUE);
        RETURN;
    END IF;

    SELECT k.*
    INTO STRICT found
    FROM pms.find_key(sha256(convert_to(v_headers ->> 'x-api-key', 'UTF8'))) k;

    IF found.role_name IS NULL THEN
        RAISE SQLSTATE 'PGRST' USING
            MESSAGE = '{"code": "UNAUTHORIZED", "message": "missing or wrong key"}',
            DETAIL = '{"status": 401, "headers": {}}';
    END IF;

    -- PostgREST itself would answer 401 to a key that is known but may not.
    IF NOT pms.may_request(found.role_name, v_method, v_path) THEN
        RAISE SQLSTATE 'PGRST' USING
            MESSAGE = '{"code": "FORBIDDEN", "message": "this key may not do that"}',
            DETAIL = '{"status": 403, "headers": {}}';
    END IF;

    -- Before the function looks: whoever asks for what is not his is answered as soon as a stranger.
    IF found.account_scope IS NOT NULL
        AND v_headers ->> 'x-account' <> ALL (found.account_scope || ARRAY['?'])
    THEN
        RAISE SQLSTATE 'PGRST' USING
            MESSAGE = '{"code": "FORBIDDEN", "message": "this key may not do that"}',
            DETAIL = '{"status": 403, "headers": {}}';
    END IF;

    -- Who decides something is noted by the part of the key that is no secret.
    PERFORM set_config('pms.key_id', found.id, TRUE);
    -- See pms.in_scope; always set: none is all of them.
    PERFORM set_config(
        'pms.account_scope', coalesce(array_to_string(found.account_scope, ','), ''), TRUE
    );
    PERFORM set_config('role', found.role_name, TRUE);
    PERFORM set_config('statement_timeout', '10s', TRUE);
END
$$;

COMMENT ON FUNCTION pms.check_request IS $$Who asks, and may they: called before every request

Takes the role of the key in the header X-API-Key for the rest of the transaction, and the accounts
it is bound to. Writes nothing: a GET runs read-only. Refuses with:
- 401 when the key is missing, unknown, revoked or expired
- 403 when its role may not use what the request names, or the account that the gateway says it
  names is none of the key's$$;

GRANT EXECUTE ON FUNCTION pms.check_request TO pms_anon;

COMMIT;
