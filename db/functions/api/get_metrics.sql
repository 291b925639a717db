-- Deploy position_manager:functions/api/get_metrics to pg
-- requires: functions/pms/queue_connected
-- requires: functions/pms/backlog
-- requires: functions/pms/job_ages
-- requires: functions/pms/last_verification
-- requires: functions/pms/cache_hit_rate
-- requires: functions/pms/price_ages
-- requires: functions/pms/decimal_text
-- requires: functions/pms/time_text
-- requires: migrations/validation

BEGIN;

CREATE OR REPLACE FUNCTION api.get_metrics()
RETURNS jsonb
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT pms.backlog() || pms.last_verification() || jsonb_build_object(
    'timestamp', pms.time_text(clock_timestamp()),
    'database_connected', TRUE,
    'queue_connected', pms.queue_connected(),
    'portfolio_cache_hit_rate', pms.decimal_text(pms.cache_hit_rate()),
    'jobs', pms.job_ages(),
    'prices', pms.price_ages(),
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

COMMENT ON FUNCTION api.get_metrics IS $$Show the figures of the service

portfolio_cache_hit_rate: the share of page reads of positions and prices that PostgreSQL served
from its buffers. prices: of the assets of open positions {oldest_seconds, fresh, stale, missing}.
worker: what each part last said of itself, counted since it started; http: the same of the gateway,
by its log: requests {path: {method: {status: count}}}, seconds {path: histogram}, limited (429, by
key or address), refused_keys. On top: the figures of health.$$;

GRANT EXECUTE ON FUNCTION api.get_metrics TO pms_anon, pms_reader, pms_trader, pms_operator;

COMMIT;
