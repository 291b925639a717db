-- Deploy position_manager:functions/pms/price_ages to pg
-- requires: migrations/positions
-- requires: migrations/prices
-- requires: migrations/settings

BEGIN;

CREATE OR REPLACE FUNCTION pms.price_ages()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
WITH held AS (
    SELECT DISTINCT p.asset
    FROM pms.positions p
    WHERE p.size <> 0
),

aged AS (
    SELECT greatest(clock_timestamp() - m.priced_at, interval '0') AS age
    FROM held h
    LEFT JOIN pms.prices m ON h.asset = m.asset
)

SELECT jsonb_build_object(
    'oldest_seconds', floor(extract(EPOCH FROM max(a.age))),
    'fresh', count(*) FILTER (WHERE a.age <= s.price_staleness_threshold),
    'stale', count(*) FILTER (WHERE a.age > s.price_staleness_threshold),
    'missing', count(*) FILTER (WHERE a.age IS NULL)
)
FROM pms.settings s
LEFT JOIN aged a ON TRUE
WHERE a.age IS NOT NULL OR EXISTS (SELECT 1 FROM held)
GROUP BY s.price_staleness_threshold
$$;

COMMENT ON FUNCTION pms.price_ages IS $$How old the prices are that open positions are valued with

{oldest_seconds, fresh, stale, missing}: the last three count assets. Null when nothing is open.$$;

COMMIT;
