-- Deploy position_manager:functions/pms/settled_finding to pg
-- requires: migrations/discrepancies

BEGIN;

CREATE OR REPLACE FUNCTION pms.settled_finding(f pms.finding, status text)
RETURNS pms.finding
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    f.status := settled_finding.status;
    RETURN f;
END
$$;

COMMENT ON FUNCTION pms.settled_finding IS 'A finding that has come to this: fixed or accepted.';

COMMIT;
