-- Deploy position_manager:functions/pms/upkeep_outbox to pg
-- requires: functions/pms/outbox_depth
-- requires: migrations/jobs
-- requires: migrations/outbox

BEGIN;

CREATE OR REPLACE FUNCTION pms.upkeep_outbox(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_dropped bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- What the portfolio was is nothing to anybody once it is known what it is. Those that the
    -- relay is just deleting are skipped.
    WITH superseded AS (
        SELECT o.sequence
        FROM pms.outbox o
        WHERE o.type = 'portfolio_updated'
            AND o.sequence < (
                SELECT max(n.sequence)
                FROM pms.outbox n
                WHERE n.type = 'portfolio_updated'
                    AND n.aggregateid = o.aggregateid
            )
        ORDER BY o.sequence
        LIMIT c_most
        FOR UPDATE OF o SKIP LOCKED
    )

    DELETE FROM pms.outbox o
    USING superseded s
    WHERE o.sequence = s.sequence;

    GET DIAGNOSTICS v_dropped = ROW_COUNT;
    v_total := coalesce((progress ->> 'dropped')::bigint, 0) + v_dropped;

    IF v_dropped = c_most THEN
        v_step.progress := jsonb_build_object('dropped', v_total);
    END IF;

    v_step.done := format(
        '%s announcements dropped; %s events wait, the oldest for %s seconds',
        v_total,
        pms.outbox_depth(),
        coalesce(
            (
                SELECT floor(extract(EPOCH FROM clock_timestamp() - o.created_at))
                FROM pms.outbox o
                ORDER BY o.sequence
                LIMIT 1
            ),
            0
        )
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.upkeep_outbox IS
$$Drop portfolio_updated events that a newer one has replaced before they were sent

A job, in steps of 10000. While the broker is away they pile up, one a second; whoever comes back
wants the last. Events of positions all stay. Says how many wait, and for how long.$$;

COMMIT;
