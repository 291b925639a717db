CREATE OR REPLACE FUNCTION api.create_session_code(
    id text,
    digest bytea,
    account_scope text[] DEFAULT NULL
)
RETURNS api.keys
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_valid CONSTANT interval := INTERVAL '60 seconds';
    created api.keys;
BEGIN
    INSERT INTO pms.api_keys (
        id, digest, handle, role, name, tier, account_scope, expires_at, session
    )
    VALUES (
        create_session_code.id, create_session_code.digest, create_session_code.id, 'reader', 'page',
        'ui', pms.named_scope(create_session_code.account_scope), now() + c_valid, 'code'
    );

    SELECT k.* INTO STRICT created FROM api.keys k WHERE k.id = create_session_code.id;
    PERFORM pms.audit_command(
        'create_session_code',
        jsonb_build_object(
            'id', create_session_code.id, 'account_scope', create_session_code.account_scope
        )
    );
    RETURN created;
END
$$;

COMMENT ON FUNCTION api.create_session_code IS $$Register a one-time code

The caller makes the code, pms_<id>_<secret>, and passes only digest, the sha256 of the whole code.
It is valid for 60 seconds, for one call of create_session. account_scope: the accounts that the page
may read; null is all.

Refuses with:
- 23505 when the id is taken
- 23514 when a value is out of its range (the constraint names it)$$;

GRANT EXECUTE ON FUNCTION api.create_session_code TO pms_operator;

CREATE OR REPLACE FUNCTION api.create_session()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_valid CONSTANT interval := INTERVAL '12 hours';
    v_id text := pms.request_setting('pms.key_id');
    v_key text := format(
        'pms_%s_%s', v_id, replace(concat(gen_random_uuid(), gen_random_uuid()), '-', '')
    );
    opened pms.api_keys;
BEGIN
    -- A second call waits for the first, and finds no code any more.
    UPDATE pms.api_keys k
    SET digest = sha256(convert_to(v_key, 'UTF8')),
        fingerprint = decode(md5('position-manager:' || v_key), 'hex'),
        expires_at = now() + c_valid,
        session = 'key'
    WHERE k.id = v_id
        AND k.session = 'code'
    RETURNING k.* INTO opened;

    IF NOT FOUND THEN
        PERFORM pms.raise_denied(401, 'UNAUTHORIZED', 'missing or wrong key');
    END IF;

    PERFORM pms.audit_command('create_session', '{}');
    PERFORM pms.add_position_header();
    RETURN pms.created_response(jsonb_build_object(
        'api_key', v_key,
        'role', opened.role,
        'accounts', to_jsonb(opened.account_scope),
        'expires_at', pms.time_text(opened.expires_at)
    ));
END
$$;

COMMENT ON FUNCTION api.create_session IS $$Exchange a one-time code for a key of a page

Answers 201 with the key, which reads for 12 hours what the code was made for. The code is that of
the request, in the place of its key, and is not valid any more. The key is stored nowhere: an
Idempotency-Key is not read.

Refuses with:
- 401 when the code was used already, or is older than 60 seconds
- 403 when the key of the request is no code$$;

GRANT EXECUTE ON FUNCTION api.create_session TO pms_session;
