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

CREATE OR REPLACE FUNCTION pms.refused_arguments(objections jsonb)
RETURNS jsonb
LANGUAGE sql
AS $$
SELECT pms.refusal(
    400,
    'VALIDATION_ERROR',
    string_agg(o.key || ': ' || o.value, '; ' ORDER BY o.key),
    refused_arguments.objections
)
FROM jsonb_each_text(refused_arguments.objections) o
$$;

COMMENT ON FUNCTION pms.refused_arguments IS $$The answer to arguments that are out of their range

objections: of pms.arguments; each field is named with what it must be.$$;

CREATE OR REPLACE FUNCTION pms.refused_position(account text, asset text, mode text)
RETURNS jsonb
LANGUAGE sql
RETURN pms.refusal(
    404,
    'NOT_FOUND',
    format('no %s position in %s', mode, asset),
    jsonb_build_object('account', account, 'asset', asset, 'mode', mode)
);

COMMENT ON FUNCTION pms.refused_position IS 'The answer when there is no such position.';
