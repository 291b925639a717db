CREATE OR REPLACE FUNCTION pms.error_response(
    status integer,
    error_code text,
    message text,
    details jsonb
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_envelope jsonb := pms.error_envelope(error_code, message, pms.trace_id(), details);
BEGIN
    -- PostgREST reads both from here, and commits: nothing may have been written before. By the
    -- header the gateway knows that this was us; it has no way of looking into a body.
    PERFORM set_config('response.status', error_response.status::text, TRUE);
    PERFORM set_config(
        'response.headers',
        jsonb_build_array(jsonb_build_object('X-Refusal', v_envelope::text))::text,
        TRUE
    );

    RETURN v_envelope;
END
$$;

COMMENT ON FUNCTION pms.error_response IS
$$Refuse a request of the contract in the contract's envelope

Sets the HTTP status; return its result. Source: contract.md, section 1, "Errors".$$;

CREATE OR REPLACE FUNCTION pms.objections_text(objections jsonb)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT string_agg(o.key || ': ' || o.value, '; ' ORDER BY o.key)
FROM jsonb_each_text(objections_text.objections) o
$$;

COMMENT ON FUNCTION pms.objections_text IS
'The message of the answer to arguments that are out of their range.';

CREATE OR REPLACE FUNCTION pms.validation_error(objections jsonb)
RETURNS jsonb
LANGUAGE sql
STRICT
RETURN pms.error_response(
    400, 'VALIDATION_ERROR', pms.objections_text(objections), objections
);

COMMENT ON FUNCTION pms.validation_error IS $$The answer to arguments that are out of their range

objections: of pms.arguments: by name, the range. Null when there are none.$$;

CREATE OR REPLACE FUNCTION pms.field_error(objection text)
RETURNS jsonb
LANGUAGE sql
STRICT
RETURN pms.validation_error(jsonb_build_object(
    split_part(objection, ': ', 1), regexp_replace(objection, '^.*?: ', '')
));

COMMENT ON FUNCTION pms.field_error IS
$$The answer to one bad field: "field: message", or null when there is none$$;

CREATE OR REPLACE FUNCTION pms.position_not_found(account text, asset text, mode text)
RETURNS jsonb
LANGUAGE sql
RETURN pms.error_response(
    404,
    'NOT_FOUND',
    format('no %s position in %s', mode, asset),
    jsonb_strip_nulls(jsonb_build_object(
        'account', pms.base_account(account), 'book', pms.book_of(account), 'asset', asset,
        'mode', mode
    ))
);

COMMENT ON FUNCTION pms.position_not_found IS 'The answer when there is no such position.';

CREATE OR REPLACE FUNCTION pms.created_response(body jsonb)
RETURNS jsonb
LANGUAGE plpgsql
STRICT
AS $$
BEGIN
    PERFORM set_config('response.status', '201', TRUE);
    RETURN body;
END
$$;

COMMENT ON FUNCTION pms.created_response IS
'Answer 201 with a body; null, and no status, without one.';
