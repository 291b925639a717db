CREATE OR REPLACE FUNCTION pms.trace_id()
RETURNS text
LANGUAGE sql
STABLE
RETURN nullif(current_setting('request.headers', TRUE), '')::json ->> 'x-trace-id';

COMMENT ON FUNCTION pms.trace_id IS $$The trace of the present HTTP request; null in plain SQL

The gateway has checked or made it.$$;
