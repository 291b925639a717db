CREATE OR REPLACE FUNCTION pms.store_pnl(unread pms.pnl_update, is_of_book boolean)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO pms.leg_pnl AS h (
        leg_id, quarter_hour, size, cost, realized, fees_open, fees_close, funding
    )
    SELECT
        c.leg_id, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close, c.funding
    FROM unnest(unread.changes) c
    ON CONFLICT ON CONSTRAINT leg_pnl_pkey DO UPDATE
    SET size = h.size + excluded.size,
        cost = h.cost + excluded.cost,
        realized = h.realized + excluded.realized,
        fees_open = h.fees_open + excluded.fees_open,
        fees_close = h.fees_close + excluded.fees_close,
        funding = h.funding + excluded.funding;

    INSERT INTO pms.asset_pnl AS h (
        asset, quarter_hour, size, cost, realized, fees_open, fees_close, funding
    )
    SELECT
        c.asset, c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close, c.funding
    FROM unnest(unread.changes) c
    WHERE NOT is_of_book
    ON CONFLICT ON CONSTRAINT asset_pnl_pkey DO UPDATE
    SET size = h.size + excluded.size,
        cost = h.cost + excluded.cost,
        realized = h.realized + excluded.realized,
        fees_open = h.fees_open + excluded.fees_open,
        fees_close = h.fees_close + excluded.fees_close,
        funding = h.funding + excluded.funding;

    INSERT INTO pms.leg_pnl_marks AS m (
        leg_id, entered_at, executed_at, entry_id, ordinal, state
    )
    VALUES (
        unread.leg_id, unread.entered_at, unread.executed_at, unread.entry_id, unread.ordinal,
        unread.state
    )
    ON CONFLICT ON CONSTRAINT leg_pnl_marks_pkey DO UPDATE
    SET entered_at = excluded.entered_at,
        executed_at = excluded.executed_at,
        entry_id = excluded.entry_id,
        ordinal = excluded.ordinal,
        state = excluded.state;
END
$$;

COMMENT ON FUNCTION pms.store_pnl IS
$$Add what a leg lacks to its stored changes, and to those of its asset

is_of_book: to its own only, as its account has them already.$$;

CREATE OR REPLACE FUNCTION pms.sum_pnl(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    -- A leg costs about as much as this many entries.
    c_leg CONSTANT bigint := 20;
    v_left bigint := 20000;
    v_folded bigint := coalesce((progress ->> 'folded')::bigint, 0);
    v_leg pms.positions;
    v_unread pms.pnl_update;
    v_step pms.job_step;
BEGIN
    FOR v_leg IN
        SELECT (u.leg).*
        FROM pms.unread_legs u
        WHERE u.leg_id >= coalesce((progress ->> 'leg_id')::integer, 0)
        ORDER BY u.leg_id
    LOOP
        v_unread := pms.unread_pnl(v_leg, v_left);
        PERFORM pms.store_pnl(v_unread, pms.is_book(v_leg.account));

        v_folded := v_folded + v_unread.folded;
        v_left := v_left - v_unread.folded - c_leg;

        IF v_left <= 0 THEN
            v_step.progress := jsonb_build_object('leg_id', v_leg.leg_id, 'folded', v_folded);
            EXIT;
        END IF;
    END LOOP;

    v_step.done := format('%s entries summed', v_folded);
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.sum_pnl IS $$Sum what the entries of each leg changed, by quarter hour

A job, in steps of 20000 entries, from leg to leg. Reads of PnL by period add what it has not
reached. The row of the leg may be older than the entries that a step folds: then the next run folds them
again, to the same result.$$;
