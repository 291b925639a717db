CREATE OR REPLACE FUNCTION pms.request_setting(name text)
RETURNS text
LANGUAGE sql
STABLE
RETURN CASE
    WHEN session_user = 'pms_authenticator' THEN nullif(current_setting(name, TRUE), '')
END;

COMMENT ON FUNCTION pms.request_setting IS
$$A setting of the present HTTP request; null in plain SQL

Every session may set any setting of such a name: only those of PostgREST are believed.$$;

CREATE OR REPLACE FUNCTION pms.trace_id()
RETURNS text
LANGUAGE sql
STABLE
RETURN pms.request_setting('request.headers')::json ->> 'x-trace-id';

COMMENT ON FUNCTION pms.trace_id IS $$The trace of the present HTTP request; null in plain SQL

The gateway has checked or made it.$$;
