CREATE OR REPLACE FUNCTION pms.recent_reports()
RETURNS SETOF pms.worker_reports
LANGUAGE sql
STABLE
AS $$
SELECT r.*
FROM pms.worker_reports r
CROSS JOIN pms.settings s
WHERE r.reported_at > clock_timestamp() - s.worker_silence_limit
    -- Of before the clock was set back.
    AND r.reported_at < clock_timestamp() + s.worker_silence_limit
$$;

COMMENT ON FUNCTION pms.recent_reports IS
'The reports of the parts that have not been silent for longer than worker_silence_limit.';

CREATE OR REPLACE FUNCTION pms.queue_connected()
RETURNS boolean
LANGUAGE sql
STABLE
RETURN (
    SELECT count(*) = 2
    FROM pms.recent_reports() r
    WHERE r.part IN ('ingest', 'relay')
        AND r.status -> 'queue_connected' = 'true'
);

COMMENT ON FUNCTION pms.queue_connected IS $$Whether both parts of the worker say they are connected

A part that has been silent for longer than worker_silence_limit does not count.$$;

CREATE OR REPLACE FUNCTION pms.stream_connected()
RETURNS boolean
LANGUAGE sql
STABLE
RETURN EXISTS (
    SELECT
    FROM pms.recent_reports() r
    WHERE r.part = 'stream'
);

COMMENT ON FUNCTION pms.stream_connected IS
'Whether the stream reads the log: it reports between two looks.';

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
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), f.moment) - f.moment))
        FROM (SELECT pms.outbox_since() AS moment) f
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

CREATE OR REPLACE FUNCTION pms.cache_hit_rate()
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT
    CASE
        WHEN sum(s.heap_blks_hit + s.heap_blks_read) > 0
            THEN trim_scale(pms.div_round(
                sum(s.heap_blks_hit), sum(s.heap_blks_hit + s.heap_blks_read), 12
            ))
        ELSE 0
    END
FROM pg_catalog.pg_statio_user_tables s
WHERE s.relid IN ('pms.positions'::regclass, 'pms.prices'::regclass)
$$;

COMMENT ON FUNCTION pms.cache_hit_rate IS $$Share of page reads of positions and prices from memory

A ratio; 0 when nothing was read since the statistics were reset.$$;

CREATE OR REPLACE FUNCTION pms.held_assets()
RETURNS TABLE (
    asset text,
    positions bigint,
    is_of_demo boolean,
    priced_at timestamptz,
    is_fresh boolean
)
LANGUAGE sql
STABLE
AS $$
SELECT
    h.asset,
    h.positions,
    h.is_of_demo,
    m.priced_at,
    m.held_price IS NULL
    AND pms.is_fresh(m.priced_at, clock_timestamp(), s.price_staleness_threshold)
FROM (
    SELECT
        d.asset,
        count(*) AS positions,
        bool_and(pms.is_demo(d.account)) AS is_of_demo
    FROM (
        SELECT DISTINCT p.account, p.asset, p.mode
        FROM pms.positions p
        WHERE p.size <> 0
            AND NOT pms.is_book(p.account)
    ) d
    GROUP BY d.asset
) h
CROSS JOIN pms.settings s
LEFT JOIN pms.prices m ON h.asset = m.asset
$$;

COMMENT ON FUNCTION pms.held_assets IS $$The assets of open positions, and the state of their prices

is_of_demo: no other account holds it. is_fresh: null without a price.$$;

CREATE OR REPLACE FUNCTION pms.price_ages()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    -- An age of 0 for a time in the future.
    'oldest_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), o.moment) - o.moment))
        FROM (SELECT min(a.priced_at) AS moment) o
    ),
    'fresh', count(*) FILTER (WHERE a.is_fresh),
    'stale', count(*) FILTER (WHERE NOT a.is_fresh),
    'missing', count(*) FILTER (WHERE a.is_fresh IS NULL),
    'positions', jsonb_build_object(
        'fresh', coalesce(sum(a.positions) FILTER (WHERE a.is_fresh), 0),
        'stale', coalesce(sum(a.positions) FILTER (WHERE NOT a.is_fresh), 0),
        'missing', coalesce(sum(a.positions) FILTER (WHERE a.is_fresh IS NULL), 0)
    )
)
FROM pms.held_assets() a
HAVING count(*) > 0
$$;

COMMENT ON FUNCTION pms.price_ages IS $$How old the prices are that open positions are valued with

{oldest_seconds, fresh, stale, missing, positions: {fresh, stale, missing}}: fresh, stale and missing
count assets, those in positions open positions. Null when nothing is open.$$;

CREATE OR REPLACE FUNCTION pms.job_ages()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        j.job,
        jsonb_build_object(
            'age_seconds', floor(extract(EPOCH FROM clock_timestamp() - j.last_success_at)),
            'overdue', j.is_overdue
        )
    ),
    '{}'
)
FROM pms.job_status j
$$;

COMMENT ON FUNCTION pms.job_ages IS $$How long ago each job last succeeded, for health and metrics

Of each {age_seconds, overdue}; age_seconds is null before its first success.$$;

CREATE OR REPLACE FUNCTION pms.verified_backup_age()
RETURNS bigint
LANGUAGE sql
STABLE
AS $$
SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), t.moment) - t.moment))::bigint
FROM (
    SELECT coalesce(
        (SELECT max(b.taken_at) FROM pms.backups b WHERE b.is_verified),
        to_timestamp(e.number / 1000.0)
    ) AS moment
    FROM pms.event_epoch e
) t
$$;

COMMENT ON FUNCTION pms.verified_backup_age IS
$$How many seconds ago the newest verified backup was taken

While there is none, how old the database is: since its first deployment or its restoration.$$;

CREATE OR REPLACE FUNCTION pms.review_counts()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
WITH standing AS MATERIALIZED (
    -- Read twice: by code and by position (ADR 0002).
    SELECT v.account, v.asset, v.mode, v.code
    FROM pms.standing_reviews v
)

SELECT jsonb_build_object(
    'reviews', (
        SELECT coalesce(jsonb_object_agg(c.code, c.reasons), '{}')
        FROM (SELECT s.code, count(*) AS reasons FROM standing s GROUP BY s.code) c
    ),
    'positions_needing_review', (
        SELECT count(DISTINCT (s.account, s.asset, s.mode)) FROM standing s
    ),
    -- As the dead letters.
    'pending_amendments', (
        SELECT count(*)
        FROM (SELECT 1 FROM pms.amendments a WHERE a.applied_at IS NULL LIMIT 10000) a
    ),
    'assumed_instruments_count', (
        SELECT count(*)
        FROM pms.instruments i
        WHERE i.is_assumed
            AND i.base_currency IS NULL
            AND EXISTS (SELECT 1 FROM pms.positions p WHERE p.asset = i.asset AND p.version > 0)
    )
)
$$;

COMMENT ON FUNCTION pms.review_counts IS
$$How many reasons for review there are, for health and metrics

{reviews, positions_needing_review, pending_amendments, assumed_instruments_count}: reasons by code;
busts and corrections without their fill, which may name no position, up to 10000; assets that the
portfolio lists in assumed_instruments. Reads the reasons that stand, the positions and the
instruments, nothing that grows with the history.$$;
