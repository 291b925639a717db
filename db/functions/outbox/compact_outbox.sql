CREATE OR REPLACE FUNCTION pms.outbox_depth()
RETURNS bigint
LANGUAGE sql
STABLE
AS $$
-- The relay deletes from the front: what lies between the ends is about what waits. A few are
-- counted, for there are gaps; a flood must not make health slow.
SELECT CASE
    WHEN e.span <= 10000 THEN (SELECT count(*) FROM pms.outbox)
    ELSE e.span
END
FROM (
    SELECT coalesce(max(o.sequence) - min(o.sequence) + 1, 0) AS span
    FROM pms.outbox o
) e
$$;

COMMENT ON FUNCTION pms.outbox_depth IS $$How many events wait for the broker

Exact up to 10000; beyond that an upper bound.$$;

CREATE OR REPLACE FUNCTION pms.compact_outbox(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_dropped bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Only the newest unsent portfolio event matters. Those that the relay is just deleting are
    -- skipped.
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

COMMENT ON FUNCTION pms.compact_outbox IS
$$Drop portfolio_updated events that a newer one has replaced before they were sent

A job, in steps of 10000. While the broker is unavailable they pile up, one a second, and subscribers need
only the last. All events of positions stay. Reports how many events wait, and for how long.$$;
