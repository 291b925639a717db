CREATE OR REPLACE FUNCTION pms.find_key(
    key_digest bytea,
    OUT id text,
    OUT role_name text,
    OUT account_scope text[]
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    SELECT
        k.id,
        CASE
            WHEN k.session = 'code' THEN 'pms_session'
            ELSE CASE k.role WHEN 'operator' THEN 'pms_http_operator' ELSE 'pms_' || k.role END
                || CASE WHEN k.account_scope IS NULL THEN '' ELSE '_bound' END
        END,
        k.account_scope
    INTO find_key.id, find_key.role_name, find_key.account_scope
    FROM pms.api_keys k
    WHERE k.digest = find_key.key_digest
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());
END
$$;

COMMENT ON FUNCTION pms.find_key IS
$$The id of a key, its database role and the accounts it is bound to

key_digest: sha256 of the key text. All null when the key is unknown, revoked or expired.
account_scope null: all accounts; else the role is a member of pms_bound, unless the key is a one-time
code, which may only be exchanged for a key. Over HTTP an operator has fewer rights than on the
command line: keys and settings are out of reach.$$;

-- Harmless: the caller must know the key already. The stream asks whether it is as it was.
GRANT EXECUTE ON FUNCTION pms.find_key TO pms_stream;

CREATE OR REPLACE FUNCTION pms.role_may_request(role_name text, method text, path text)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_function text := substring(role_may_request.path FROM '^/rpc/(.+)$');
    v_relation regclass;
BEGIN
    IF v_function IS NOT NULL THEN
        RETURN coalesce(
            (
                SELECT bool_or(pg_catalog.has_function_privilege(
                    role_may_request.role_name, f.oid, 'EXECUTE'
                ))
                FROM pg_catalog.pg_proc f
                WHERE f.pronamespace = 'api'::pg_catalog.regnamespace
                    AND f.proname = v_function
            ),
            TRUE
        );
    END IF;

    v_relation := pg_catalog.to_regclass(
        'api.' || pg_catalog.quote_ident(ltrim(role_may_request.path, '/'))
    );
    IF v_relation IS NOT NULL THEN
        RETURN pg_catalog.has_table_privilege(
            role_may_request.role_name,
            v_relation,
            CASE role_may_request.method
                WHEN 'GET' THEN 'SELECT'
                WHEN 'HEAD' THEN 'SELECT'
                WHEN 'POST' THEN 'INSERT'
                WHEN 'DELETE' THEN 'DELETE'
                ELSE 'UPDATE'
            END
        );
    END IF;

    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.role_may_request IS
$$Whether a role may use what a request of PostgREST names

method and path as PostgREST has them. What does not exist is for PostgREST to refuse: true.$$;

CREATE OR REPLACE FUNCTION pms.admit_key(
    key_digest bytea,
    method text,
    path text,
    account text,
    query text DEFAULT NULL,
    OUT id text,
    OUT role_name text,
    OUT account_scope text[]
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    SELECT k.*
    INTO STRICT admit_key.id, admit_key.role_name, admit_key.account_scope
    FROM pms.find_key(admit_key.key_digest) k;

    IF admit_key.role_name IS NULL THEN
        PERFORM pms.raise_denied(401, 'UNAUTHORIZED', 'missing or wrong key');
    END IF;

    -- PostgREST itself would answer 401 to a known key without the right. The account is compared
    -- before the function runs: one outside the scope is refused as fast as one that does not exist.
    IF NOT pms.role_may_request(admit_key.role_name, method, path)
        OR admit_key.account_scope IS NOT NULL
        -- ! is what the gateway passes on for a value that cannot be a name.
        AND pms.account_name(account) <> ALL (admit_key.account_scope || ARRAY['!'])
    THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key may not do that');
    END IF;

    IF account IS NOT NULL THEN
        PERFORM pms.require_own_accounts(ARRAY[pms.account_name(account)]);
    END IF;

    -- A view would have no rows of another shard, and no refusal.
    IF query IS NOT NULL AND EXISTS (SELECT 1 FROM pms.shard) THEN
        PERFORM pms.require_own_accounts(pms.filtered_accounts(query));
    END IF;
END
$$;

COMMENT ON FUNCTION pms.admit_key IS
$$The id of a key, its database role and the accounts it is bound to, if it may do what it asks for

key_digest, and the result, as pms.find_key; method and path as PostgREST has them; account: the one
that the request names, if any; query: that of a view, as pms.filtered_accounts. Refuses with:
- 401 when the key is missing, unknown, revoked or expired
- 403 when its role may not use what the request names, or it is bound to other accounts
- 409 and 421 as pms.require_own_accounts$$;

-- Harmless: the caller must know the key already.
GRANT EXECUTE ON FUNCTION pms.admit_key TO pms_anon;

-- SECURITY INVOKER: a definer function may not change the role.
CREATE OR REPLACE FUNCTION pms.check_request()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_headers jsonb := current_setting('request.headers')::jsonb;
    v_method text := current_setting('request.method');
    v_path text := current_setting('request.path');
    v_timeout text := '10s';
    found record;
BEGIN
    -- No function after this one can see the key.
    PERFORM set_config('request.headers', (v_headers - 'x-api-key')::text, TRUE);

    IF v_method IN ('GET', 'HEAD')
        AND v_path IN ('/rpc/get_health', '/rpc/get_metrics', '/rpc/get_metrics_text')
    THEN
        -- Health has to answer within a second, and shares its connections with the metrics.
        v_timeout := '700ms';
        PERFORM set_config('statement_timeout', v_timeout, TRUE);

        -- Open to everybody. With a key, the metrics have more to show.
        IF v_path <> '/rpc/get_metrics_text' OR NOT v_headers ? 'x-api-key' THEN
            RETURN;
        END IF;
    END IF;

    SELECT k.*
    INTO STRICT found
    FROM pms.admit_key(
        sha256(convert_to(v_headers ->> 'x-api-key', 'UTF8')),
        v_method, v_path, pms.url_decode(v_headers ->> 'x-account'), v_headers ->> 'x-query'
    ) k;

    IF v_headers ? 'x-min-lsn' THEN
        PERFORM pms.check_replayed(v_headers ->> 'x-min-lsn', v_headers ->> 'x-trace-id');
    END IF;

    -- PostgREST answers a write to a standby with 400, before it calls this function. The gateway
    -- then sends another request, which names the method of the first.
    IF v_headers ->> 'x-method' = 'POST' AND pg_is_in_recovery() THEN
        PERFORM pms.raise_denied(503, 'UNAVAILABLE', 'this server is a standby');
    END IF;

    -- For the audit and for decisions: the part of the key that is no secret.
    PERFORM set_config('pms.key_id', found.id, TRUE);
    -- See pms.in_scope; always set: none is all of them.
    PERFORM set_config(
        'pms.account_scope', coalesce(array_to_string(found.account_scope, ','), ''), TRUE
    );
    PERFORM set_config('role', found.role_name, TRUE);
    PERFORM set_config('statement_timeout', v_timeout, TRUE);
END
$$;

COMMENT ON FUNCTION pms.check_request IS
$$Authenticate and authorize a request; PostgREST calls it first

Takes the role of the key in the header X-API-Key for the rest of the transaction, and the accounts
it is bound to. Writes nothing: a GET runs read-only, on a standby as well. Refuses with:
- 400 and 503 as pms.check_replayed, by the header X-Min-LSN
- 401, 403 and 421 as pms.admit_key, by the account that the gateway says it names$$;

GRANT EXECUTE ON FUNCTION pms.check_request TO pms_anon;
