-- Folding this many entries takes about as long as finding them.
CREATE OR REPLACE FUNCTION pms.checkpoint_spacing()
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 256;

COMMENT ON FUNCTION pms.checkpoint_spacing IS
'After how many entries of a leg its fold is kept, give or take a batch.';

CREATE OR REPLACE FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer)
RETURNS bigint
LANGUAGE sql
AS $$
WITH saved AS (
    INSERT INTO pms.checkpoints (
        account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
        recorded_at, state
    )
    SELECT
        p.account, p.asset, p.mode, p.leg, p.last_executed_at,
        coalesce(n.entry_id, held.entry_id), p.updated_at, p.entries,
        greatest(held.version, n.version), greatest(held.recorded_at, n.recorded_at),
        (
            i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
            p.fees_close, p.funding, p.opened_at, p.closed_at
        )::pms.leg_state
    FROM unnest(save_checkpoints.legs) k
    INNER JOIN pms.positions p USING (account, asset, mode, leg)
    INNER JOIN pms.instruments i ON p.asset = i.asset
    CROSS JOIN LATERAL pms.checkpoint_before(
        p.account, p.asset, p.mode, p.leg, 'infinity', 'infinity'
    ) held
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS entries,
            max(e.id) FILTER (WHERE e.executed_at = p.last_executed_at) AS entry_id,
            max(e.version) AS version,
            max(e.recorded_at) AS recorded_at
        FROM pms.entries_after(
                p.account, p.asset, p.mode, p.leg, held, 'infinity', 'infinity'
            ) e
    ) n
    WHERE p.entries - p.checkpointed >= save_checkpoints.spacing
        -- A row that differs from its ledger is corrected by reconciliation.
        AND held.ordinal + n.entries = p.entries
    RETURNING account, asset, mode, leg, ordinal
),

counted AS (
    UPDATE pms.positions p
    SET checkpointed = s.ordinal
    FROM saved s
    WHERE (p.account, p.asset, p.mode, p.leg) = (s.account, s.asset, s.mode, s.leg)
    RETURNING 1
)

SELECT count(*) FROM counted
$$;

COMMENT ON FUNCTION pms.save_checkpoints IS
$$Save the present state of legs, which is that of their rows, as checkpoints; return how many

Of those with at least spacing entries since their last checkpoint. The legs must be locked. Version
and time are those of the newest entry: a price may have changed the row since.$$;
