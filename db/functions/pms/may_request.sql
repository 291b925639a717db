-- Deploy position_manager:functions/pms/may_request to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.may_request(role_name text, method text, path text)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_function text := substring(may_request.path FROM '^/rpc/(.+)$');
    v_relation regclass := pg_catalog.to_regclass(
        'api.' || pg_catalog.quote_ident(ltrim(may_request.path, '/'))
    );
BEGIN
    IF v_function IS NOT NULL THEN
        RETURN coalesce(
            (
                SELECT bool_or(pg_catalog.has_function_privilege(
                    may_request.role_name, f.oid, 'EXECUTE'
                ))
                FROM pg_catalog.pg_proc f
                INNER JOIN pg_catalog.pg_namespace n ON f.pronamespace = n.oid
                WHERE n.nspname = 'api'
                    AND f.proname = v_function
            ),
            TRUE
        );
    END IF;

    IF v_relation IS NOT NULL THEN
        RETURN pg_catalog.has_table_privilege(
            may_request.role_name,
            v_relation,
            CASE may_request.method
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

COMMENT ON FUNCTION pms.may_request IS $$Whether a role may use what a request of PostgREST names

method and path as PostgREST has them. What does not exist is for PostgREST to refuse: true.$$;

GRANT EXECUTE ON FUNCTION pms.may_request TO pms_anon;

COMMIT;
