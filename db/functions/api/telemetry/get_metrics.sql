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
    'stream_connected', pms.stream_connected(),
    'portfolio_cache_hit_rate', pms.decimal_text(pms.cache_hit_rate()),
    'jobs', pms.job_ages(),
    'prices', pms.price_ages(),
    'held_prices', (SELECT count(*) FROM pms.held_prices),
    'storage', pms.storage(),
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
        WHERE r.part <> 'gateway'
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
from its buffers. prices: of the assets of open positions {oldest_seconds, fresh, stale, missing,
positions: {fresh, stale, missing}}. held_prices: how many assets have a price that jumped and
waits for a second one. worker: what each part last said of itself, counted since it started;
http: the same of the gateway, by its log: requests {path: {method: {status: count}}}, seconds
{path: histogram}, limited (429, by key or address), refused_keys. verified_backup_age_seconds:
since the newest verified backup was taken, or, while there is none, since the database was made.
storage: {bytes, growth_bytes_per_day, tables}, see pms.storage. On top: the figures of health.$$;

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
        SELECT s.*
        FROM pms.service_samples(v_metrics) s
        UNION ALL
        SELECT d.*
        FROM pms.demo_samples() d
        UNION ALL
        SELECT p.*
        FROM pms.portfolio_samples() p
        -- Without a key nobody learns what accounts hold.
        WHERE pms.calling_role() <> 'pms_anon'
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
is left out. With a key also the accounts and limits in its scope: of the 50 accounts with the
largest exposure, the 100 limits used most, and over all accounts, as recorded within the last
minute.$$;

GRANT EXECUTE ON FUNCTION api.get_metrics_text TO pms_anon, pms_reader, pms_trader, pms_operator;
