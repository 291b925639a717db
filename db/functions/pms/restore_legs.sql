-- Deploy position_manager:functions/pms/restore_legs to pg
-- requires: functions/pms/announce_positions
-- requires: functions/pms/folded_legs
-- requires: functions/pms/refold_legs
-- requires: migrations/positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.restore_legs(
    account text,
    asset text,
    mode text,
    legs text[],
    recorded_at timestamptz,
    trace_id text
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.refold_legs(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, '-infinity'::timestamptz, 'restore',
            -- A row that was lost begins again where its entries alone had brought it.
            greatest(coalesce(f.entries, 0) - p.version, 0) + 1,
            restore_legs.recorded_at, restore_legs.trace_id
        )::pms.leg_change
        FROM pms.positions p
        LEFT JOIN pms.folded_legs(restore_legs.account, restore_legs.asset, restore_legs.mode) f
            ON p.leg = f.leg
        WHERE p.account = restore_legs.account
            AND p.asset = restore_legs.asset
            AND p.mode = restore_legs.mode
            AND p.leg = ANY(restore_legs.legs)
    ));

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

Their checkpoints are made anew as well. The legs must exist and be locked; recorded_at is what
locking them returned. One version more for each.$$;

COMMIT;
