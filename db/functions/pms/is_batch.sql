-- Deploy position_manager:functions/pms/is_batch to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.is_batch(list jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN jsonb_typeof(list) = 'array' THEN jsonb_array_length(list) BETWEEN 1 AND 1000
    ELSE FALSE
END;

COMMENT ON FUNCTION pms.is_batch IS
'Whether a list sent by hand is an array of 1 to 1000 elements; false for null.';

COMMIT;
