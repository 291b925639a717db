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
    n.name, 'gauge', n.help, '', format('{queue="%s"}', q.key), q.value
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN (
    VALUES
    ('queue_messages', 'queue_depths', 'Messages waiting in a queue.'),
    (
        'queue_age_seconds', 'queue_ages',
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
    ('batch_duration_seconds', 'batch_seconds', 'From the batch in hand to its commit.')
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
