CREATE OR REPLACE FUNCTION pms.price_unknown_close(
    known pms.discrepancies,
    price numeric,
    trace_id text
)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    v_key CONSTANT pms.leg_key := (known.account, known.asset, known.mode, known.leg);
    v_recorded_at timestamptz;
    v_identity text;
    v_corrections pms.ledger_entries[];
    v_voids pms.entry_void[];
BEGIN
    -- Before the leg, as pms.apply_order_events locks.
    LOCK TABLE pms.amendments IN ROW EXCLUSIVE MODE;
    v_recorded_at := pms.lock_stored_legs(ARRAY[v_key]);

    SELECT v.source
    INTO v_identity
    FROM pms.reviews v
    WHERE (v.account, v.asset, v.mode, v.leg) = (v_key.account, v_key.asset, v_key.mode, v_key.leg)
        AND v.code = 'unknown_close'
    ORDER BY v.raised_at, v.source
    LIMIT 1;
    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    INSERT INTO pms.amendments (
        account, identity, amends, cause, price, executed_at, amended_at, recorded_at, source,
        trace_id
    )
    SELECT
        e.account, 'correction:' || v_identity || ':price', v_identity, 'correction',
        price_unknown_close.price, e.executed_at, v_recorded_at, v_recorded_at, 'api',
        price_unknown_close.trace_id
    FROM pms.standing_entry(v_key.account, v_identity) e;

    SELECT a.corrections, a.voids
    INTO v_corrections, v_voids
    FROM pms.apply_amendments('{}', ARRAY[v_identity], v_recorded_at, 'api') a;

    PERFORM pms.finish_entries(pms.post_entries(v_corrections, v_voids), 'validation');
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.price_unknown_close IS
$$Give the oldest close of a leg at an unknown price its price, as a correction of its adjustment

known: a discrepancy of the leg. Returns whether there was one.$$;

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
        AND pms.in_scope(pms.base_account(d.account));
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF price IS NOT NULL AND known.kind NOT IN ('size', 'adoption') THEN
        v_objection := 'only a difference of size has a price';
    ELSIF pms.check_price(
        price,
        pms.allows_fill_at(known.asset, price, (known.evidence ->> 'reported_at')::timestamptz)
    ) IS NOT NULL AND price IS NOT NULL THEN
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
    ELSIF known.status <> 'open' AND verdict = 'accepted' AND price IS NULL AND EXISTS (
        SELECT 1
        FROM pms.reviews v
        WHERE (v.account, v.asset, v.mode, v.leg)
            = (known.account, known.asset, known.mode, known.leg)
            AND v.code = 'unknown_close'
    ) THEN
        v_objection := 'it is applied: give the price of what it closed';
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
price. dismissed: the difference of these values is permitted. Null when there is no such
discrepancy; an objection when it is not open or accepting it would apply nothing.$$;
