-- Deploy position_manager:functions/pms/keep_checkpoints to pg
-- requires: functions/pms/flat_leg
-- requires: migrations/checkpoints
-- requires: migrations/entries
-- requires: migrations/instruments
-- requires: migrations/positions
-- requires: migrations/voids

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_checkpoints(legs pms.leg_key[])
RETURNS void
LANGUAGE sql
AS $$
WITH kept AS (
    INSERT INTO pms.checkpoints (
        account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
        recorded_at, state
    )
    SELECT
        p.account, p.asset, p.mode, p.leg, n.executed_at, n.id, p.updated_at, p.entries, p.version,
        p.updated_at,
        (
            i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
            p.fees_close, p.funding, p.opened_at, p.closed_at
        )::pms.leg_state
    FROM unnest(keep_checkpoints.legs) k
    INNER JOIN pms.positions p
        ON k.account = p.account AND k.asset = p.asset AND k.mode = p.mode AND k.leg = p.leg
    INNER JOIN pms.instruments i ON p.asset = i.asset
    -- Not a voided one: an entry that comes to stand before it would not be late, and be missing.
    CROSS JOIN LATERAL (
        SELECT e.executed_at, e.id
        FROM pms.entries e
        WHERE e.account = p.account
            AND e.asset = p.asset
            AND e.mode = p.mode
            AND e.leg = p.leg
            AND NOT EXISTS (
                SELECT 1 FROM pms.voids v WHERE v.account = e.account AND v.entry_id = e.id
            )
        ORDER BY e.executed_at DESC, e.id DESC
        LIMIT 1
    ) n
    RETURNING account, asset, mode, leg, ordinal
)

UPDATE pms.positions p
SET checkpointed = k.ordinal
FROM kept k
WHERE p.account = k.account
    AND p.asset = k.asset
    AND p.mode = k.mode
    AND p.leg = k.leg;
$$;

COMMENT ON FUNCTION pms.keep_checkpoints IS $$Keep the present fold of legs as a checkpoint

The legs must be locked, and just changed: their version and updated_at are those of their newest
entries.$$;

COMMIT;
