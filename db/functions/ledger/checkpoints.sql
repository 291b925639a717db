-- Folding so many entries takes about as long as finding them.
CREATE OR REPLACE FUNCTION pms.checkpoint_spacing()
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 256;

COMMENT ON FUNCTION pms.checkpoint_spacing IS
'After how many entries of a leg its fold is kept, give or take a batch.';

CREATE OR REPLACE FUNCTION pms.save_checkpoints(legs pms.leg_key[])
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
    FROM unnest(save_checkpoints.legs) k
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

COMMENT ON FUNCTION pms.save_checkpoints IS $$Keep the present fold of legs as a checkpoint

The legs must be locked, and just changed: their version and updated_at are those of their newest
entries.$$;

-- Measured: finding the checkpoint of a leg takes 0.07 ms, folding an entry 0.005 ms. After an
-- eighth of the usual spacing, 32 entries, there is no more than 0.2 ms to fold, and the
-- checkpoints of snapshots take a fortieth of the room of the entries; sooner they would only take
-- more.
CREATE OR REPLACE FUNCTION pms.save_current_checkpoints(positions pms.position_key[])
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
    FROM unnest(save_current_checkpoints.positions) k
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

COMMENT ON FUNCTION pms.save_current_checkpoints IS
$$Keep the present fold of the legs of positions as checkpoints

Of those with enough entries since the last one: an eighth of pms.checkpoint_spacing. The legs must
be locked; returns how many were kept.$$;
