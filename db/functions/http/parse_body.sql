CREATE OR REPLACE FUNCTION pms.parse_body(body bytea)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_body jsonb := pms.parse_json(body);
BEGIN
    -- Written out, 1e99999 takes a hundred thousand times the room that it takes in the body.
    RETURN CASE
        WHEN NOT v_body @? '$.** ? (@.type() == "number" && (@.abs() > 1e30
            || @.abs() < 1e-30 && @.abs() != 0))'
            THEN v_body
    END;
END
$$;

COMMENT ON FUNCTION pms.parse_body IS
'The body of a request; null if it is not JSON, or has a number beyond 10^30 or 10^-30.';

CREATE OR REPLACE FUNCTION pms.body_error(expected text)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', format('the body must be %s in JSON', expected),
        jsonb_build_object('body', format('must be %s in JSON', expected))
    );
END
$$;

COMMENT ON FUNCTION pms.body_error IS
'The refusal of a body that is not JSON, or is other JSON than expected.';

CREATE OR REPLACE FUNCTION pms.path_id()
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN pms.url_decode(pms.request_setting('request.headers')::jsonb ->> 'x-path-id');
END
$$;

COMMENT ON FUNCTION pms.path_id IS
'What the path of a request with a body names: the header X-Path-Id, which the gateway sets.';
