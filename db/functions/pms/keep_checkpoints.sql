-- Deploy position_manager:functions/pms/keep_checkpoints to pg
-- requires: functions/pms/flat_leg
-- requires: migrations/checkpoints
-- requires: migrations/entries
-- requires: migrations/instruments
-- requires: migrations/positions

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
    -- A voided entry may be the newest: what is folded in is so up to its place all the same.
    CROSS JOIN LATERAL (
        SELECT e.executed_at, e.id
        FROM pms.entries e
        WHERE e.account = p.account
            AND e.asset = p.asset
            AND e.mode = p.mode
            AND e.leg = p.leg
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
