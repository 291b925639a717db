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
        p.account, p.asset, p.mode, p.leg, h.executed_at, h.entry_id, p.updated_at, h.ordinal,
        h.version, h.recorded_at, h.state
    FROM unnest(save_checkpoints.legs) k
    INNER JOIN pms.positions p USING (account, asset, mode, leg)
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, 'infinity') h
    WHERE p.entries - p.checkpointed >= save_checkpoints.spacing
        -- A row that differs from its ledger is corrected by reconciliation.
        AND h.ordinal = p.entries
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
$$Save the present state of legs as checkpoints; return how many

Of those with at least spacing entries since their last checkpoint. The legs must be locked. The
state is that of the newest entry: a price may have changed the row since.$$;
