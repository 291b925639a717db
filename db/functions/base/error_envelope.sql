CREATE OR REPLACE FUNCTION pms.error_envelope(
    error_code text,
    message text,
    trace_id text,
    details jsonb
)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'error_code', error_code,
    'message', message,
    'trace_id', trace_id,
    'details', details
);

COMMENT ON FUNCTION pms.error_envelope IS
'The envelope of an error. Source: contract.md, section 1, "Errors".';

-- pms.check_request calls it as the role that PostgREST begins with.
GRANT EXECUTE ON FUNCTION pms.error_envelope TO pms_anon;
