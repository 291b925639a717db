-- Deploy position_manager:functions/pms/begin_verification to pg
-- requires: migrations/verifications

BEGIN;

CREATE OR REPLACE FUNCTION pms.begin_verification()
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO pms.verifications DEFAULT VALUES RETURNING id INTO v_id;

    DELETE FROM pms.verifications v WHERE v.id <= v_id - 1000;

    RETURN v_id;
END
$$;

COMMENT ON FUNCTION pms.begin_verification IS $$Begin a verification of the ledger; return its id

The last 1000 are kept. Whoever calls holds pms.job_lock('verify_ledger').$$;

COMMIT;
