-- Deploy position_manager:functions/pms/cache_hit_rate to pg
-- requires: functions/pms/quotient
-- requires: migrations/positions
-- requires: migrations/prices

BEGIN;

CREATE OR REPLACE FUNCTION pms.cache_hit_rate()
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT
    CASE
        WHEN sum(s.heap_blks_hit + s.heap_blks_read) > 0
            THEN trim_scale(pms.quotient(
                sum(s.heap_blks_hit), sum(s.heap_blks_hit + s.heap_blks_read), 0.000000000001
            ))
        ELSE 0
    END
FROM pg_catalog.pg_statio_user_tables s
WHERE s.relid IN ('pms.positions'::regclass, 'pms.prices'::regclass)
$$;

COMMENT ON FUNCTION pms.cache_hit_rate IS $$Share of page reads of positions and prices from memory

A ratio; 0 when nothing was read since the statistics were reset.$$;

COMMIT;
