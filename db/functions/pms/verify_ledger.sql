-- Deploy position_manager:functions/pms/verify_ledger to pg
-- requires: functions/pms/begin_verification
-- requires: functions/pms/continue_verification
-- requires: migrations/jobs

BEGIN;

CREATE OR REPLACE FUNCTION pms.verify_ledger(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint := (progress ->> 'verification')::bigint;
    v_after pms.position_key := jsonb_populate_record(
        NULL::pms.position_key, progress -> 'after'
    );
    v_step pms.job_step;
BEGIN
    IF v_id IS NULL THEN
        v_id := pms.begin_verification();
    END IF;

    v_after := pms.continue_verification(v_id, v_after);

    IF v_after IS NOT NULL THEN
        v_step.progress := jsonb_build_object('verification', v_id, 'after', v_after);
        RETURN v_step;
    END IF;

    v_step.done := (
        SELECT format(
            '%s discrepancies in %s positions, %s entries', v.discrepancies, v.positions, v.entries
        )
        FROM pms.verifications v
        WHERE v.id = v_id
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.verify_ledger IS
$$Fold the whole ledger again and compare it with what is stored

A job, in steps of 100 positions. What it finds is in pms.verifications.$$;

COMMIT;
