-- Deploy position_manager:functions/pms/time_text to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.time_text(moment timestamptz)
RETURNS text
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

COMMENT ON FUNCTION pms.time_text IS 'A time as the contract writes it: RFC 3339, UTC, with Z.';

GRANT EXECUTE ON FUNCTION pms.time_text TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
