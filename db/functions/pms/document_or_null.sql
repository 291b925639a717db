-- Deploy position_manager:functions/pms/document_or_null to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.document_or_null(body bytea)
RETURNS jsonb
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN convert_from(body, 'UTF8')::jsonb;
EXCEPTION
    -- Not UTF-8, not JSON, or with a character that jsonb does not take.
    WHEN data_exception THEN
        RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.document_or_null IS 'The JSON that a message is; null when it is none.';

GRANT EXECUTE ON FUNCTION pms.document_or_null TO pms_operator, pms_http_operator;

COMMIT;
