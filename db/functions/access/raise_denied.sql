CREATE OR REPLACE FUNCTION pms.raise_denied(
    status integer,
    error_code text,
    message text,
    headers jsonb DEFAULT '{}'
)
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- PostgREST answers with the status and the code of an error of this SQLSTATE.
    RAISE SQLSTATE 'PGRST' USING
        MESSAGE = jsonb_build_object(
            'code', raise_denied.error_code, 'message', raise_denied.message
        )::text,
        DETAIL = jsonb_build_object(
            'status', raise_denied.status, 'headers', raise_denied.headers
        )::text;
END
$$;

COMMENT ON FUNCTION pms.raise_denied IS $$Refuse a request before its function runs

status and error_code: such as 401 UNAUTHORIZED or 403 FORBIDDEN; headers: of the response. Always
raises PGRST; the transaction is rolled back.$$;

-- pms.check_request calls it as the role that PostgREST begins with.
GRANT EXECUTE ON FUNCTION pms.raise_denied TO pms_anon;
