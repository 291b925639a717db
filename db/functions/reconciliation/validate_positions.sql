CREATE OR REPLACE FUNCTION pms.validate_positions(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_id bigint := (progress ->> 'validation')::bigint;
    v_keys pms.position_key[] := ARRAY(
        SELECT k
        FROM pms.next_positions(
            jsonb_populate_record(NULL::pms.position_key, progress -> 'after'), v_size
        ) k
    );
    examined pms.examination;
    v_reconciled pms.reconciled_position[] := ARRAY[]::pms.reconciled_position[];
    run pms.validations;
BEGIN
    IF v_id IS NULL THEN
        INSERT INTO pms.validations (origin, is_fixing)
        VALUES ('job', TRUE)
        RETURNING id INTO v_id;
    END IF;

    -- All are examined by one statement, without a lock; few need more.
    FOREACH examined IN ARRAY pms.examine_positions(
        v_keys, '{stored_row,checkpoint,rule,venue}', TRUE
    )
    LOOP
        IF pms.needs_reconciliation(examined) THEN
            v_reconciled := v_reconciled || pms.reconcile_position(
                (examined.key).account, (examined.key).asset, (examined.key).mode, TRUE, TRUE,
                NULL, 'validation-' || v_id
            );
        END IF;
    END LOOP;

    -- Each account with its first position.
    PERFORM pms.restore_account_totals(ARRAY(
        SELECT DISTINCT k.account
        FROM unnest(v_keys) k
        WHERE k.account IS DISTINCT FROM progress -> 'after' ->> 'account'
    ));

    run := pms.add_validation_counts(
        v_id,
        (SELECT count(*) FROM unnest(v_keys) k WHERE NOT pms.is_book(k.account)),
        v_reconciled
    );
    IF cardinality(v_keys) = v_size THEN
        RETURN (
            jsonb_build_object('validation', v_id, 'after', to_jsonb(v_keys[v_size])), NULL
        )::pms.job_step;
    END IF;

    UPDATE pms.validations v SET finished_at = clock_timestamp() WHERE v.id = v_id;
    RETURN (
        NULL,
        format(
            '%s discrepancies in %s positions, %s fixed, %s errors',
            run.discrepancies, run.positions, run.fixes, run.errors
        )
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.validate_positions IS $$Validate all positions, a hundred a step

A job: progress is null at first, then the value that the former step returned. Findings that the
rules allow are fixed, others are recorded for a person. Safe to repeat: a second run finds nothing
new.$$;
