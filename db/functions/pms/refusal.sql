-- Deploy position_manager:functions/pms/refusal to pg
-- requires: functions/pms/trace_id

BEGIN;

CREATE OR REPLACE FUNCTION pms.refusal(
    status integer,
    error_code text,
    message text,
    details jsonb
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_envelope jsonb := jsonb_build_object(
        'error_code', refusal.error_code,
        'message', refusal.message,
        'trace_id', pms.trace_id(),
        'details', refusal.details
    );
BEGIN
    -- PostgREST reads both from here, and commits: nothing may have been written before. By the
    -- header the gateway knows that this was us; it has no way of looking into a body.
    PERFORM set_config('response.status', refusal.status::text, TRUE);
    PERFORM set_config(
        'response.headers',
        jsonb_build_array(jsonb_build_object('X-Refusal', v_envelope::text))::text,
        TRUE
    );

    RETURN v_envelope;
END
$$;

COMMENT ON FUNCTION pms.refusal IS $$Refuse a request of the contract in the contract's envelope

Sets the HTTP status; return its result. Source: contract.md, section 1, "Errors".$$;

COMMIT;
