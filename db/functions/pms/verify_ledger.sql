-- Deploy position_manager:functions/pms/verify_ledger to pg
-- requires: functions/pms/begin_verification
-- requires: functions/pms/continue_verification
-- requires: functions/pms/verification_lock
-- requires: migrations/settings

BEGIN;

-- A procedure: it commits after each part, so that a long run keeps no old rows from being cleaned
-- away.
CREATE OR REPLACE PROCEDURE pms.verify_ledger(
    only_when_due boolean DEFAULT FALSE,
    INOUT done text DEFAULT NULL
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
    v_after pms.position_key;
BEGIN
    -- pg_cron asks once a minute: half of one counts as due.
    IF only_when_due AND EXISTS (
        SELECT 1
        FROM pms.verifications v
        CROSS JOIN pms.settings s
        WHERE v.started_at > clock_timestamp() - s.verification_interval + interval '30 seconds'
            AND v.finished_at IS NOT NULL
    ) THEN
        done := 'not due yet';
        RETURN;
    END IF;

    -- Of the session, because it has to outlast the commits.
    IF NOT pg_try_advisory_lock(pms.verification_lock()) THEN
        done := 'another verification runs';
        RETURN;
    END IF;

    v_id := pms.begin_verification();
    LOOP
        COMMIT;
        v_after := pms.continue_verification(v_id, v_after);
        EXIT WHEN v_after IS NULL;
    END LOOP;

    SELECT format(
        '%s discrepancies in %s positions, %s entries', v.discrepancies, v.positions, v.entries
    )
    INTO done
    FROM pms.verifications v
    WHERE v.id = v_id;

    COMMIT;
    PERFORM pg_advisory_unlock(pms.verification_lock());
END
$$;

COMMENT ON PROCEDURE pms.verify_ledger IS
$$Fold the whole ledger again and compare it with what is stored

The job. Says what it did; of two at once one does the work. only_when_due: not before
verification_interval has passed since the last one.$$;

COMMIT;
