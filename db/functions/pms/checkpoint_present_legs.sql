-- Deploy position_manager:functions/pms/checkpoint_present_legs to pg
-- requires: functions/pms/checkpoint_spacing
-- requires: functions/pms/leg_history
-- requires: migrations/positions
-- requires: migrations/verifications

BEGIN;

-- Measured: finding the checkpoint of a leg takes 0.07 ms, folding an entry 0.005 ms. After an
-- eighth of the usual spacing, 32 entries, there is no more than 0.2 ms to fold, and the
-- checkpoints of snapshots take a fortieth of the room of the entries; sooner they would only take
-- more.
CREATE OR REPLACE FUNCTION pms.checkpoint_present_legs(positions pms.position_key[])
RETURNS bigint
LANGUAGE sql
AS $$
WITH kept AS (
    INSERT INTO pms.checkpoints (
        account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
        recorded_at, state
    )
    SELECT
        p.account, p.asset, p.mode, p.leg, h.executed_at, h.entry_id, p.updated_at, h.ordinal,
        h.newest_version, h.newest_recorded_at, h.state
    FROM unnest(checkpoint_present_legs.positions) k
    INNER JOIN pms.positions p
        ON k.account = p.account AND k.asset = p.asset AND k.mode = p.mode
    -- A price may have been applied since its newest entry: what the row says is not of that.
    CROSS JOIN LATERAL (
        SELECT m.*
        FROM pms.leg_history(p.account, p.asset, p.mode, p.leg, 'infinity') m
        ORDER BY m.ordinal DESC
        LIMIT 1
    ) h
    WHERE p.entries - p.checkpointed >= greatest(pms.checkpoint_spacing() / 8, 1)
        -- A row that is wrong is for validation to put right.
        AND h.ordinal = p.entries
        AND h.entry_id IS NOT NULL
    RETURNING account, asset, mode, leg, ordinal
),

noted AS (
    UPDATE pms.positions p
    SET checkpointed = k.ordinal
    FROM kept k
    WHERE p.account = k.account
        AND p.asset = k.asset
        AND p.mode = k.mode
        AND p.leg = k.leg
    RETURNING 1
)

SELECT count(*) FROM noted
$$;

COMMENT ON FUNCTION pms.checkpoint_present_legs IS
$$Keep the present fold of the legs of positions as checkpoints

Of those with enough entries since the last one: an eighth of pms.checkpoint_spacing. The legs must
be locked; returns how many were kept.$$;

COMMIT;
