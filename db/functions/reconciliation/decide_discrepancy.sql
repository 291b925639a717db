CREATE OR REPLACE FUNCTION pms.decide_discrepancy(
    id uuid,
    verdict text,
    note text,
    decided_by text,
    trace_id text,
    price numeric DEFAULT NULL
)
RETURNS pms.discrepancy_decision
LANGUAGE plpgsql
AS $$
DECLARE
    known pms.discrepancies;
    decided pms.discrepancies;
    reconciled pms.reconciled_position;
    v_objection text;
BEGIN
    SELECT d.*
    INTO known
    FROM pms.discrepancies d
    WHERE d.id = decide_discrepancy.id
        AND pms.in_scope(d.account);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF price IS NOT NULL AND known.kind NOT IN ('size', 'adoption') THEN
        v_objection := 'only a difference of size has a price';
    ELSIF pms.check_price(price, EXISTS (
        SELECT 1 FROM pms.instruments i WHERE i.asset = known.asset AND i.allows_negative_price
    )) IS NOT NULL AND price IS NOT NULL THEN
        v_objection := 'the price must be greater than 0';
    ELSIF known.status <> 'open' AND price IS NOT NULL
        AND pms.price_unknown_close(known, price, decide_discrepancy.trace_id)
    THEN
        UPDATE pms.discrepancies d
        SET status = verdict,
            decided_at = clock_timestamp(),
            decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        WHERE d.account = known.account
            AND d.id = known.id
        RETURNING d.* INTO decided;
    ELSIF known.status <> 'open' THEN
        v_objection := 'already decided';
    ELSIF verdict = 'accepted' AND known.target_cost IS NULL AND price IS NULL
        AND known.kind NOT IN ('stored_row', 'checkpoint')
    THEN
        v_objection := 'there is nothing to apply: record the missing price, or dismiss it';
    ELSIF verdict = 'accepted' THEN
        reconciled := pms.reconcile_position(
            known.account, known.asset, known.mode, FALSE, FALSE, known.id,
            decide_discrepancy.trace_id, price
        );
        v_objection := reconciled.objection;

        UPDATE pms.discrepancies d
        SET decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        FROM unnest(reconciled.seen) s
        WHERE s.id = known.id
            AND s.status = verdict
            AND d.account = known.account
            AND d.id = known.id
        RETURNING d.* INTO decided;
    ELSE
        PERFORM pms.lock_position(known.account, known.asset, known.mode);

        UPDATE pms.discrepancies d
        SET status = verdict,
            closed_at = clock_timestamp(),
            decided_at = clock_timestamp(),
            decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        WHERE d.account = known.account
            AND d.id = known.id
            AND d.status = 'open'
        RETURNING d.* INTO decided;

        PERFORM pms.review_discrepancies(
            ARRAY[(known.account, known.asset, known.mode, known.leg)::pms.leg_key]
        );
    END IF;

    IF decided.id IS NOT NULL THEN
        RETURN (decided, NULL)::pms.discrepancy_decision;
    ELSIF v_objection IS NULL THEN
        -- Another session was quicker, or reconciling it again resolved it.
        v_objection := 'it is no longer open';
        SELECT d.* INTO known FROM pms.discrepancies d WHERE d.id = decide_discrepancy.id;
    END IF;

    RETURN (known, v_objection)::pms.discrepancy_decision;
END
$$;

COMMENT ON FUNCTION pms.decide_discrepancy IS $$Accept or dismiss an open discrepancy for a person

verdict accepted: its proposal is applied, also where the rules alone would not; what it closes or
opens is valued at price, if there is one. A price also settles what a decided one closed without a
price. dismissed: the
difference of these values is permitted. Null when there is no such discrepancy; an objection when
it is not open or accepting it would apply nothing.$$;
