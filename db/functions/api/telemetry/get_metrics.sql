CREATE OR REPLACE FUNCTION api.get_metrics()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT pms.backlog() || pms.last_verification() || pms.review_counts() || jsonb_build_object(
    'timestamp', pms.time_text(clock_timestamp()),
    'version', (SELECT d.version FROM pms.deployed_version d),
    'database_connected', TRUE,
    'queue_connected', pms.queue_connected(),
    'portfolio_cache_hit_rate', pms.decimal_text(pms.cache_hit_rate()),
    'jobs', pms.job_ages(),
    'prices', pms.price_ages(),
    'held_prices', (SELECT count(*) FROM pms.held_prices),
    'verified_backup_age_seconds', pms.verified_backup_age(),
    'validation_statistics', (
        SELECT jsonb_build_object(
            'total_validations', v.total_validations,
            'total_discrepancies', v.total_discrepancies,
            'total_fixes', v.total_fixes,
            'total_errors', v.total_errors
        )
        FROM pms.validation_statistics v
    ),
    'worker', (
        SELECT coalesce(jsonb_object_agg(r.part, r.status), '{}')
        FROM pms.worker_reports r
        WHERE r.part IN ('ingest', 'relay')
    ),
    'http', (
        SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
        FROM pms.worker_reports r
        CROSS JOIN LATERAL jsonb_each(r.status) f
        WHERE r.part = 'gateway'
    )
)
$$;

COMMENT ON FUNCTION api.get_metrics IS $$Show the metrics of the service

portfolio_cache_hit_rate: the share of page reads of positions and prices that PostgreSQL served
from its buffers. prices: of the assets of open positions {oldest_seconds, fresh, stale, missing}.
held_prices: how many assets have a price that jumped and waits for a second one. worker: what each
part last said of itself, counted since it started; http: the same of the gateway, by its log:
requests {path: {method: {status: count}}}, seconds {path: histogram}, limited (429, by key or
address), refused_keys. verified_backup_age_seconds: since the newest verified backup was taken, or,
while there is none, since the database was made. On top: the figures of health.$$;

GRANT EXECUTE ON FUNCTION api.get_metrics TO pms_anon, pms_reader, pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.get_metrics_text()
RETURNS api."text/plain"
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
        SELECT s.name, s.kind, s.help, '' AS suffix, s.labels, s.value
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
            ('outbox_age_seconds', 'gauge', 'Age of the oldest event not yet confirmed.', '',
                v_metrics ->> 'outbox_age_seconds'),
            ('oldest_price_age_seconds', 'gauge', 'Of the prices of open positions.', '',
                v_metrics #>> '{prices,oldest_seconds}'),
            ('held_prices', 'gauge', 'Prices that jumped and wait for a second one.', '',
                v_metrics ->> 'held_prices'),
            ('outbox_depth', 'gauge', 'Events not yet confirmed by the broker.', '',
                v_metrics ->> 'outbox_depth'),
            ('positions_needing_review', 'gauge', 'Positions with a reason for review.', '',
                v_metrics ->> 'positions_needing_review'),
            ('pending_amendments', 'gauge', 'Busts and corrections without their fill.', '',
                v_metrics ->> 'pending_amendments'),
            ('dead_letters', 'gauge', 'Rejected messages kept; stops at 10000.', '',
                v_metrics ->> 'dead_letters'),
            ('ledger_verified_timestamp_seconds', 'gauge', 'All changes before it are verified.', '',
                extract(EPOCH FROM (v_metrics ->> 'ledger_verified_at')::timestamptz)::text),
            ('ledger_discrepancies', 'gauge', 'Stored rows that differ from the ledger.', '',
                v_metrics ->> 'ledger_discrepancies'),
            ('oldest_verification_age_seconds', 'gauge', 'Each part was verified since.', '',
                v_metrics ->> 'oldest_verification_age_seconds'),
            ('verified_backup_age_seconds', 'gauge', 'Since the newest verified backup.', '',
                v_metrics ->> 'verified_backup_age_seconds'),
            ('info', 'gauge', 'The version of the code in the database.',
                format('{version="%s"}', v_metrics ->> 'version'), '1'),
            ('cache_hit_ratio', 'gauge', 'Page reads served from memory.', '',
                v_metrics ->> 'portfolio_cache_hit_rate')
        ) s (name, kind, help, labels, value)
        UNION ALL
        SELECT
            replace(v.key, 'total_', 'validation_') || '_total', 'counter',
            'Since the first deploy.', '', '', v.value
        FROM jsonb_each_text(v_metrics -> 'validation_statistics') v
        UNION ALL
        SELECT
            f.name, 'gauge', f.help, '', format('{name="%s"}', j.key), f.value
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
            'price_assets', 'gauge', 'Assets of open positions, by the state of their price.', '',
            format('{status="%s"}', p.key), p.value
        FROM jsonb_each_text(nullif(v_metrics -> 'prices', 'null') - 'oldest_seconds') p
        UNION ALL
        SELECT
            'reviews', 'gauge', 'Reasons why positions need review, by code.', '',
            format('{code="%s"}', k.code), coalesce(v_metrics -> 'reviews' ->> k.code, '0')
        FROM pms.review_remedies k
        UNION ALL
        SELECT w.*
        FROM pms.worker_samples(v_metrics -> 'worker') w
        UNION ALL
        SELECT g.*
        FROM pms.gateway_samples(v_metrics -> 'http') g
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
                format(E'position_manager_%s%s%s %s\n', s.name, s.suffix, s.labels, s.value), ''
                -- The bounds of a histogram in their order, which is not that of their text.
                ORDER BY
                    s.suffix, regexp_replace(s.labels, ',le=.*', ''),
                    substring(s.labels FROM ',le="([0-9.]+)"')::numeric NULLS LAST
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
