CREATE OR REPLACE FUNCTION api.verify_ledger()
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_requested_at timestamptz := clock_timestamp();
    v_id bigint;
    v_after pms.position_key;
BEGIN
    PERFORM pg_advisory_xact_lock(pms.job_lock('verify_ledger'));

    -- A verification that began after this request answers both.
    v_id := (
        SELECT max(v.id)
        FROM pms.verifications v
        WHERE v.started_at >= v_requested_at
            AND v.finished_at IS NOT NULL
    );

    IF v_id IS NULL THEN
        v_id := pms.begin_verification();
        LOOP
            v_after := pms.continue_verification(v_id, v_after);
            EXIT WHEN v_after IS NULL;
        END LOOP;
    END IF;

    PERFORM pms.audit_command('verify_ledger', '{}');
    RETURN (
        SELECT jsonb_build_object(
            'started_at', pms.time_text(v.started_at),
            'finished_at', pms.time_text(v.finished_at),
            'positions', v.positions,
            'entries', v.entries,
            'discrepancies', v.discrepancies,
            'findings', v.findings
        )
        FROM pms.verifications v
        WHERE v.id = v_id
    );
END
$$;

COMMENT ON FUNCTION api.verify_ledger IS
$$Fold the whole ledger again and compare it with what is stored

Every row and every checkpoint, in all accounts. Answers {started_at, finished_at, positions,
entries, discrepancies, findings}: the first 100, each with account, book, asset, mode, source,
leg, field, stored and expected; book is null but in a book. Waits for a verification that runs;
writers wait for neither.$$;

GRANT EXECUTE ON FUNCTION api.verify_ledger TO pms_operator;
