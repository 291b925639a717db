CREATE OR REPLACE FUNCTION pms.decide_discrepancy(
    id uuid,
    verdict text,
    note text,
    decided_by text,
    trace_id text
)
RETURNS pms.discrepancy_decision
LANGUAGE plpgsql
AS $$
DECLARE
    told pms.discrepancies;
    decided pms.discrepancies;
    checked pms.reconciled_position;
    v_objection text;
BEGIN
    SELECT d.*
    INTO told
    FROM pms.discrepancies d
    WHERE d.id = decide_discrepancy.id
        AND pms.in_scope(d.account);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF told.status <> 'open' THEN
        v_objection := 'already decided';
    ELSIF verdict = 'accepted' AND told.target_cost IS NULL
        AND told.kind NOT IN ('stored_row', 'checkpoint')
    THEN
        v_objection := 'there is nothing to apply: record what is missing, or dismiss it';
    ELSIF verdict = 'accepted' THEN
        checked := pms.reconcile_position(
            told.account, told.asset, told.mode, FALSE, FALSE, told.id, decide_discrepancy.trace_id
        );
        v_objection := checked.objection;

        UPDATE pms.discrepancies d
        SET decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        FROM unnest(checked.seen) s
        WHERE s.id = told.id
            AND s.status = verdict
            AND d.account = told.account
            AND d.id = told.id
        RETURNING d.* INTO decided;
    ELSE
        PERFORM pms.lock_position(told.account, told.asset, told.mode);

        UPDATE pms.discrepancies d
        SET status = verdict,
            closed_at = clock_timestamp(),
            decided_at = clock_timestamp(),
            decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        WHERE d.account = told.account
            AND d.id = told.id
            AND d.status = 'open'
        RETURNING d.* INTO decided;

        PERFORM pms.refresh_needs_review(
            ARRAY[(told.account, told.asset, told.mode, told.leg)::pms.leg_key]
        );
    END IF;

    IF decided.id IS NOT NULL THEN
        RETURN (decided, NULL)::pms.discrepancy_decision;
    ELSIF v_objection IS NULL THEN
        -- Another session was quicker, or reconciling it again resolved it.
        v_objection := 'it is no longer open';
        SELECT d.* INTO told FROM pms.discrepancies d WHERE d.id = decide_discrepancy.id;
    END IF;

    RETURN (told, v_objection)::pms.discrepancy_decision;
END
$$;

COMMENT ON FUNCTION pms.decide_discrepancy IS $$A person decides about a discrepancy that is open

verdict accepted: its proposal is applied, also where the rules alone would not; dismissed: it may
differ, by these very values. Null when there is no such discrepancy; an objection when it is not
open or accepting it would apply nothing.$$;
