-- Deploy position_manager:functions/pms/backlog to pg
-- requires: functions/pms/outbox_depth
-- requires: migrations/worker_reports
-- requires: migrations/positions
-- requires: migrations/prices
-- requires: migrations/rejected_messages

BEGIN;

CREATE OR REPLACE FUNCTION pms.backlog()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    -- A time in the future, by the clock of another machine, is now.
    'worker_lag_ms', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), o.moment) - o.moment) * 1000)
        FROM (
            SELECT min(r.reported_at) AS moment
            FROM pms.worker_reports r
            WHERE r.part IN ('ingest', 'relay')
        ) o
    ),
    'newest_fill_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), n.moment) - n.moment))
        FROM (SELECT max(p.last_executed_at) AS moment FROM pms.positions p) n
    ),
    'newest_price_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), n.moment) - n.moment))
        FROM (SELECT max(m.priced_at) AS moment FROM pms.prices m) n
    ),
    'outbox_depth', pms.outbox_depth(),
    'outbox_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), f.created_at) - f.created_at))
        FROM (SELECT o.created_at FROM pms.outbox o ORDER BY o.sequence LIMIT 1) f
    ),
    -- Counted no further: a flood of rejects must not make health slow.
    'dead_letters', (
        SELECT count(*)
        FROM (SELECT 1 FROM pms.rejected_messages LIMIT 10000) r
    )
)
$$;

COMMENT ON FUNCTION pms.backlog IS $$How far behind the service is, for health and metrics

worker_lag_ms: since the part of the worker that reported least recently did. The ages are of the
newest fill and the newest mark price by their own time, and of the oldest event that waits for the
broker; null when there is none. dead_letters
stops at 10000. Reads no table that grows with the history.$$;

COMMIT;
