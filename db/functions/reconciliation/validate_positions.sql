CREATE OR REPLACE FUNCTION pms.validate_positions(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_id bigint := (progress ->> 'validation')::bigint;
    v_after pms.position_key := jsonb_populate_record(NULL::pms.position_key, progress -> 'after');
    v_keys pms.position_key[];
    v_key pms.position_key;
    v_checks pms.reconciled_position[] := ARRAY[]::pms.reconciled_position[];
    run pms.validations;
BEGIN
    IF v_id IS NULL THEN
        INSERT INTO pms.validations (origin, is_fixing)
        VALUES ('job', TRUE)
        RETURNING id INTO v_id;
    END IF;

    v_keys := ARRAY(SELECT k FROM pms.next_positions(v_after, v_size) k);
    FOREACH v_key IN ARRAY v_keys
    LOOP
        v_checks := v_checks || pms.reconcile_position(
            v_key.account, v_key.asset, v_key.mode, TRUE, TRUE, NULL, 'validation-' || v_id
        );
    END LOOP;

    run := pms.add_validation_counts(v_id, v_checks);
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

COMMENT ON FUNCTION pms.validate_positions IS $$Validate all positions, a hundred at each step

A job: progress is null at first, then what the step before has returned. What the rules allow is put
right; what they do not is kept for a person. Repeats safely: a second run finds nothing new.$$;
