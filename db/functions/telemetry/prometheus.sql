CREATE OR REPLACE FUNCTION pms.histogram_samples(
    name text, help text, label text, histograms jsonb
)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    histogram_samples.name, 'histogram', histogram_samples.help, s.suffix, s.labels, s.value
FROM jsonb_each(
    CASE jsonb_typeof(histogram_samples.histograms)
        WHEN 'object' THEN histogram_samples.histograms
    END
) h
CROSS JOIN LATERAL (VALUES ('{' || '%s="%s"%s' || '}')) l (form)
CROSS JOIN LATERAL (
    SELECT
        '_bucket', format(l.form, histogram_samples.label, h.key, format(',le="%s"', b.key)), b.value
    FROM jsonb_each_text(h.value -> 'buckets') b
    UNION ALL
    SELECT
        '_' || p.part, format(l.form, histogram_samples.label, h.key, ''), h.value ->> p.part
    FROM unnest('{sum,count}'::text[]) p (part)
) s (suffix, labels, value)
$$;

COMMENT ON FUNCTION pms.histogram_samples IS $$Lines of Prometheus for histograms

histograms: by the value of the label {buckets: {bound: count up to it}, sum, count}.$$;

CREATE OR REPLACE FUNCTION pms.worker_samples(worker jsonb)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    'worker_' || w.key, 'gauge', 'As the worker last reported.', '',
    format('{part="%s"}', p.key), w.value #>> '{}'
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN LATERAL jsonb_each(p.value) w
WHERE jsonb_typeof(w.value) = 'number'
UNION ALL
SELECT
    'messages_total', 'counter', 'Messages by outcome since the worker started.', '',
    format('{feed="%s",outcome="%s"}', f.key, o.key), o.value
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN LATERAL jsonb_each(
    CASE jsonb_typeof(p.value -> 'messages') WHEN 'object' THEN p.value -> 'messages' END
) f
CROSS JOIN LATERAL jsonb_each_text(f.value) o
UNION ALL
SELECT
    -- ingest consumes its queues, others those of the relay.
    n.name, 'gauge', n.help, '', format('{part="%s",queue="%s"}', p.key, q.key), q.value
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN (
    VALUES
    ('queue_messages', 'queue_depths', 'Messages waiting in a queue.'),
    ('queue_consumers', 'queue_consumers', 'Consumers of a queue.'),
    (
        'queue_not_empty_seconds', 'queue_ages',
        'Seconds since the worker last saw a queue empty, counted from its own start on.'
    )
) n (name, field, help)
-- A part that has lost the broker does not know them: null.
CROSS JOIN LATERAL jsonb_each_text(
    CASE jsonb_typeof(p.value -> n.field) WHEN 'object' THEN p.value -> n.field END
) q
UNION ALL
SELECT h.*
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN (
    VALUES
    ('batch_messages', 'batch_sizes', 'Messages or events in a batch.'),
    ('batch_duration_seconds', 'batch_seconds', 'From the batch in hand to its commit.'),
    (
        'stream_lag_seconds', 'stream_lag_seconds',
        'From the commit of a change until the stream has its event.'
    )
) n (name, field, help)
CROSS JOIN LATERAL pms.histogram_samples(n.name, n.help, 'feed', p.value -> n.field) h
$$;

COMMENT ON FUNCTION pms.worker_samples IS $$Lines of Prometheus for what the worker has done

worker: by part, as each reports.$$;

CREATE OR REPLACE FUNCTION pms.gateway_samples(http jsonb)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    'http_requests_total', 'counter', 'Requests since the reader of the log started.', '',
    format('{path="%s",method="%s",status="%s"}', r.key, m.key, s.key), s.value
FROM jsonb_each(gateway_samples.http -> 'requests') r
CROSS JOIN LATERAL jsonb_each(r.value) m
CROSS JOIN LATERAL jsonb_each_text(m.value) s
UNION ALL
SELECT
    'http_limited_total', 'counter', 'Requests refused with 429.', '',
    format('{by="%s"}', l.key), l.value
FROM jsonb_each_text(gateway_samples.http -> 'limited') l
UNION ALL
SELECT
    'http_refused_keys_total', 'counter', 'Requests with a key that opens nothing.', '', '',
    gateway_samples.http ->> 'refused_keys'
UNION ALL
SELECT s.*
FROM pms.histogram_samples(
    'http_request_duration_seconds', 'As the gateway measures it.', 'path',
    gateway_samples.http -> 'seconds'
) s
$$;

COMMENT ON FUNCTION pms.gateway_samples IS $$Lines of Prometheus for what the gateway has answered

http: as the reader of its log reports.$$;

CREATE OR REPLACE FUNCTION pms.service_samples(metrics jsonb)
RETURNS SETOF pms.metric_sample
LANGUAGE sql
STABLE
AS $$
SELECT s.name, s.kind, s.help, '' AS suffix, s.labels, s.value
FROM (
    VALUES
    ('queue_connected', 'gauge', 'Both parts of the worker reach the broker.', '',
        ((service_samples.metrics -> 'queue_connected')::boolean::integer)::text),
    ('stream_connected', 'gauge', 'The stream reads the log of events.', '',
        ((service_samples.metrics -> 'stream_connected')::boolean::integer)::text),
    ('worker_lag_seconds', 'gauge', 'Since the last report of the worker.', '',
        ((service_samples.metrics ->> 'worker_lag_ms')::numeric / 1000)::text),
    ('newest_fill_age_seconds', 'gauge', 'Age of the newest fill.', '',
        service_samples.metrics ->> 'newest_fill_age_seconds'),
    ('newest_price_age_seconds', 'gauge', 'Age of the newest mark price.', '',
        service_samples.metrics ->> 'newest_price_age_seconds'),
    ('outbox_age_seconds', 'gauge', 'Age of the oldest event not yet confirmed.', '',
        service_samples.metrics ->> 'outbox_age_seconds'),
    ('oldest_price_age_seconds', 'gauge', 'Of the prices of open positions.', '',
        service_samples.metrics #>> '{prices,oldest_seconds}'),
    ('held_prices', 'gauge', 'Prices that jumped and wait for a second one.', '',
        service_samples.metrics ->> 'held_prices'),
    ('outbox_depth', 'gauge', 'Events not yet confirmed by the broker.', '',
        service_samples.metrics ->> 'outbox_depth'),
    ('positions_needing_review', 'gauge', 'Positions with a reason for review.', '',
        service_samples.metrics ->> 'positions_needing_review'),
    ('pending_amendments', 'gauge', 'Busts and corrections without their fill.', '',
        service_samples.metrics ->> 'pending_amendments'),
    ('dead_letters', 'gauge', 'Rejected messages kept; stops at 10000.', '',
        service_samples.metrics ->> 'dead_letters'),
    ('ledger_verified_timestamp_seconds', 'gauge', 'All changes before it are verified.', '',
        extract(EPOCH FROM (service_samples.metrics ->> 'ledger_verified_at')::timestamptz)::text),
    ('ledger_discrepancies', 'gauge', 'Stored rows that differ from the ledger.', '',
        service_samples.metrics ->> 'ledger_discrepancies'),
    ('oldest_verification_age_seconds', 'gauge', 'Each part was verified since.', '',
        service_samples.metrics ->> 'oldest_verification_age_seconds'),
    ('verified_backup_age_seconds', 'gauge', 'Since the newest verified backup.', '',
        service_samples.metrics ->> 'verified_backup_age_seconds'),
    ('info', 'gauge', 'The version of the code in the database.',
        format('{version="%s"}', service_samples.metrics ->> 'version'), '1'),
    ('cache_hit_ratio', 'gauge', 'Page reads served from memory.', '',
        service_samples.metrics ->> 'portfolio_cache_hit_rate')
) s (name, kind, help, labels, value)
UNION ALL
SELECT
    replace(v.key, 'total_', 'validation_') || '_total', 'counter',
    'Since the first deploy.', '', '', v.value
FROM jsonb_each_text(service_samples.metrics -> 'validation_statistics') v
UNION ALL
SELECT
    f.name, 'gauge', f.help, '', format('{name="%s"}', j.key), f.value
FROM jsonb_each(service_samples.metrics -> 'jobs') j
CROSS JOIN LATERAL (
    VALUES
    ('job_age_seconds', 'Since the last success of a job began.',
        j.value ->> 'age_seconds'),
    ('job_overdue', 'A job was due minutes ago and has not succeeded since.',
        ((j.value -> 'overdue')::boolean::integer)::text)
) f (name, help, value)
UNION ALL
SELECT
    f.name, 'gauge', f.help, '', format('{table="%s"}', t.key), t.value ->> f.field
FROM jsonb_each(service_samples.metrics #> '{storage,tables}') t
CROSS JOIN (
    VALUES
    ('table_bytes', 'bytes', 'Size of a table with its indexes; of the 20 largest.'),
    (
        'table_growth_bytes_per_day', 'growth_bytes_per_day',
        'Growth of a table over up to seven days.'
    )
) f (name, field, help)
UNION ALL
SELECT
    'price_assets', 'gauge', 'Assets of open positions, by the state of their price.', '',
    format('{status="%s"}', p.key), p.value
FROM jsonb_each_text(
    nullif(service_samples.metrics -> 'prices', 'null') - '{oldest_seconds,positions}'::text[]
) p
UNION ALL
SELECT
    'open_positions', 'gauge', 'Open positions, by the state of their price.', '',
    format('{price="%s"}', p.key), p.value
FROM jsonb_each_text(nullif(service_samples.metrics -> 'prices', 'null') -> 'positions') p
UNION ALL
SELECT
    'reviews', 'gauge', 'Reasons why positions need review, by code.', '',
    format('{code="%s"}', k.code), coalesce(service_samples.metrics -> 'reviews' ->> k.code, '0')
FROM pms.review_remedies k
UNION ALL
SELECT w.*
FROM pms.worker_samples(service_samples.metrics -> 'worker') w
UNION ALL
SELECT g.*
FROM pms.gateway_samples(service_samples.metrics -> 'http') g
$$;

COMMENT ON FUNCTION pms.service_samples IS $$Lines of Prometheus for the service

metrics: as api.get_metrics returns them.$$;
