-- Deploy position_manager:functions/pms/worker_samples to pg
-- requires: functions/pms/histogram_samples

BEGIN;

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
    ('queue_age_seconds', 'queue_ages', 'At most so long a message has waited in a queue.')
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

COMMIT;
