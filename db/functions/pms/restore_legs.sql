-- Deploy position_manager:functions/pms/restore_legs to pg
-- requires: functions/pms/folded_legs
-- requires: functions/pms/announce_positions
-- requires: migrations/positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.restore_legs(
    account text,
    asset text,
    mode text,
    legs text[],
    trace_id text
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pms.positions p
    SET size = coalesce(r.size, 0),
        cost = coalesce(r.cost, 0),
        realized = coalesce(r.realized, 0),
        fees_open = coalesce(r.fees_open, 0),
        fees_close = coalesce(r.fees_close, 0),
        funding = coalesce(r.funding, 0),
        opened_at = r.opened_at,
        closed_at = r.closed_at,
        last_executed_at = r.latest_at,
        -- A row that was lost begins again where its entries alone had brought it.
        version = greatest(p.version, r.entries) + 1,
        updated_at = clock_timestamp()
    FROM (
        SELECT u.leg AS restored_leg, f.*
        FROM unnest(restore_legs.legs) u (leg)
        LEFT JOIN pms.folded_legs(restore_legs.account, restore_legs.asset, restore_legs.mode) f
            ON u.leg = f.leg
    ) r
    WHERE p.account = restore_legs.account
        AND p.asset = restore_legs.asset
        AND p.mode = restore_legs.mode
        AND p.leg = r.restored_leg;

    PERFORM pms.announce_positions(
        ARRAY(
            SELECT (restore_legs.account, restore_legs.asset, restore_legs.mode, u.leg)::pms.leg_key
            FROM unnest(restore_legs.legs) u (leg)
        ),
        array_fill(restore_legs.trace_id, ARRAY[cardinality(restore_legs.legs)]),
        'validation'
    );
END
$$;

COMMENT ON FUNCTION pms.restore_legs IS $$Set stored legs to the fold of their entries, and tell

The legs must exist and be locked. One version more for each.$$;

COMMIT;
