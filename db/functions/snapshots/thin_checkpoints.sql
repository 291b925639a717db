CREATE OR REPLACE FUNCTION pms.thin_checkpoints(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_legs CONSTANT integer := 200;
    v_before timestamptz := coalesce(
        (progress ->> 'before')::timestamptz,
        (SELECT now() - s.checkpoint_retention FROM pms.settings s)
    );
    v_closed_until CONSTANT timestamptz := coalesce(pms.ledger_closed_until(), '-infinity');
    v_after integer := coalesce((progress ->> 'leg_id')::integer, 0);
    v_last integer;
    v_deleted bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    SELECT max(n.leg_id)
    INTO v_last
    FROM (
        SELECT l.leg_id FROM pms.legs l WHERE l.leg_id > v_after ORDER BY l.leg_id LIMIT c_legs
    ) n;

    DELETE FROM pms.checkpoints d
    WHERE d.ctid = ANY (ARRAY(
        SELECT o.ctid
        FROM pms.legs l
        CROSS JOIN LATERAL (
            SELECT c.ctid
            FROM pms.checkpoints c
            WHERE (c.account, c.asset, c.mode, c.leg) = (l.account, l.asset, l.mode, l.leg)
                AND (
                    c.known_to < v_before
                    OR (
                        c.known_to = 'infinity'
                        AND c.executed_at < v_before
                        AND c.known_from < v_before
                        -- What archived entries brought forward.
                        AND c.executed_at >= v_closed_until
                        AND (
                            SELECT
                                n.ordinal / pms.checkpoint_spacing()
                                = c.ordinal / pms.checkpoint_spacing()
                                AND date_trunc('month', n.executed_at, 'UTC')
                                = date_trunc('month', c.executed_at, 'UTC')
                            FROM pms.checkpoints n
                            WHERE (n.account, n.asset, n.mode, n.leg)
                                = (l.account, l.asset, l.mode, l.leg)
                                AND n.known_to = 'infinity'
                                AND (n.executed_at, n.entry_id) > (c.executed_at, c.entry_id)
                            ORDER BY n.executed_at, n.entry_id
                            LIMIT 1
                        )
                    )
                )
            -- A late fill that replaces them goes first.
            FOR UPDATE OF c SKIP LOCKED
        ) o
        WHERE l.leg_id > v_after
            AND l.leg_id <= v_last
    ));
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    IF v_last IS NOT NULL THEN
        v_step.progress := jsonb_build_object(
            'before', v_before, 'leg_id', v_last, 'deleted', v_total
        );
    END IF;

    v_step.done := format(
        '%s checkpoints from before %s deleted', v_total, pms.time_text(v_before)
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.thin_checkpoints IS
$$Delete checkpoints older than checkpoint_retention that others cover

A job, in steps of 200 legs: those that were replaced, and all but the last of every
pms.checkpoint_spacing entries of a leg, or of a month (UTC). The fold gives the same state from the
checkpoint before, after at most twice as many entries. So does a state of the past, as known before
a checkpoint was replaced.$$;
