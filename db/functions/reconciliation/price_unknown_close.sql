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
    LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
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
    FROM pms.standing_adjustment(v_key.account, v_identity) e;

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
