-- Deploy position_manager:functions/api/get_metrics_text to pg
-- requires: functions/api/get_metrics
-- requires: migrations/media_types

BEGIN;

CREATE OR REPLACE FUNCTION api.get_metrics_text()
RETURNS api."text/plain"  -- noqa: RF05
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_metrics jsonb := api.get_metrics();
    v_text text;
BEGIN
    WITH sample AS (
        SELECT s.name, s.kind, s.help, s.labels, s.value
        FROM (
            VALUES
            ('queue_connected', 'gauge', 'Both parts of the worker reach the broker.', '',
                ((v_metrics -> 'queue_connected')::boolean::integer)::text),
            ('worker_lag_milliseconds', 'gauge', 'Since the last report of the worker.', '',
                v_metrics ->> 'worker_lag_ms'),
            ('newest_fill_age_seconds', 'gauge', 'Age of the newest fill.', '',
                v_metrics ->> 'newest_fill_age_seconds'),
            ('newest_price_age_seconds', 'gauge', 'Age of the newest mark price.', '',
                v_metrics ->> 'newest_price_age_seconds'),
            ('outbox_depth', 'gauge', 'Events not yet confirmed by the broker.', '',
                v_metrics ->> 'outbox_depth'),
            ('dead_letters', 'gauge', 'Rejected messages kept; stops at 10000.', '',
                v_metrics ->> 'dead_letters'),
            ('ledger_verified_timestamp_seconds', 'gauge', 'When the ledger was last verified.', '',
                extract(EPOCH FROM (v_metrics ->> 'ledger_verified_at')::timestamptz)::text),
            ('ledger_discrepancies', 'gauge', 'Found by the last verification of the ledger.', '',
                v_metrics ->> 'ledger_discrepancies'),
            ('cache_hit_ratio', 'gauge', 'Page reads served from memory.', '',
                v_metrics ->> 'portfolio_cache_hit_rate')
        ) s (name, kind, help, labels, value)
        UNION ALL
        SELECT
            replace(v.key, 'total_', 'validation_') || '_total', 'counter',
            'Since the first deploy.', '', v.value
        FROM jsonb_each_text(v_metrics -> 'validation_statistics') v
        UNION ALL
        SELECT
            f.name, 'gauge', f.help, format('{name="%s"}', j.key), f.value
        FROM jsonb_each(v_metrics -> 'jobs') j
        CROSS JOIN LATERAL (
            VALUES
            ('job_age_seconds', 'Since the last success of a job began.',
                j.value ->> 'age_seconds'),
            ('job_overdue', 'A job was due minutes ago and has not succeeded since.',
                ((j.value -> 'overdue')::boolean::integer)::text)
        ) f (name, help, value)
        UNION ALL
        SELECT
            'worker_' || w.key, 'gauge', 'As the worker last reported.',
            format('{part="%s"}', p.key), w.value #>> '{}'
        FROM jsonb_each(v_metrics -> 'worker') p
        CROSS JOIN LATERAL jsonb_each(p.value) w
        WHERE jsonb_typeof(w.value) = 'number'
        UNION ALL
        SELECT
            'messages_total', 'counter', 'Messages by outcome since the worker started.',
            format('{feed="%s",outcome="%s"}', f.key, o.key), o.value
        FROM jsonb_each(v_metrics -> 'worker') p
        CROSS JOIN LATERAL jsonb_each(
            CASE jsonb_typeof(p.value -> 'messages') WHEN 'object' THEN p.value -> 'messages' END
        ) f
        CROSS JOIN LATERAL jsonb_each_text(f.value) o
        UNION ALL
        SELECT
            'queue_messages', 'gauge', 'Messages waiting in a queue.',
            format('{queue="%s"}', q.key), q.value
        FROM jsonb_each(v_metrics -> 'worker') p
        -- A part that has lost the broker does not know them: null.
        CROSS JOIN LATERAL jsonb_each_text(
            CASE jsonb_typeof(p.value -> 'queue_depths')
                WHEN 'object' THEN p.value -> 'queue_depths'
            END
        ) q
    )

    SELECT string_agg(f.lines, '' ORDER BY f.name)
    INTO v_text
    FROM (
        SELECT
            s.name,
            format(
                E'# HELP position_manager_%1$s %2$s\n# TYPE position_manager_%1$s %3$s\n',
                s.name, max(s.help), max(s.kind)
            )
            || string_agg(
                format(E'position_manager_%s%s %s\n', s.name, s.labels, s.value), ''
                ORDER BY s.labels
            ) AS lines
        FROM sample s
        WHERE s.value IS NOT NULL
        GROUP BY s.name
    ) f;

    RETURN v_text;
END
$$;

COMMENT ON FUNCTION api.get_metrics_text IS $$Show the figures of the service to Prometheus

The figures of get_metrics. One that is not known, such as the age of a price when there is none,
is left out.$$;

GRANT EXECUTE ON FUNCTION api.get_metrics_text TO pms_anon, pms_reader, pms_trader, pms_operator;

COMMIT;
