CREATE OR REPLACE VIEW pms.rate_limits AS
WITH counted AS (
    SELECT
        'key' AS counted_by,
        k.id,
        k.name,
        k.tier,
        coalesce(
            (s.rate_limit_overrides ->> k.name)::integer,
            (s.rate_limit_overrides ->> k.tier)::integer,
            CASE k.tier
                WHEN 'model-service' THEN 100
                WHEN 'risk-manager' THEN 200
                WHEN 'ui' THEN 1000
                WHEN 'operator' THEN 6000
                ELSE s.rate_limit_default
            END
        ) AS allowance,
        k.handle,
        k.fingerprint
    FROM pms.api_keys k
    CROSS JOIN pms.settings s
    WHERE k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
        AND k.fingerprint IS NOT NULL
    UNION ALL
    SELECT
        'address' AS counted_by,
        'address' AS id,
        'no valid key' AS name,
        NULL AS tier,
        s.rate_limit_default AS allowance,
        NULL AS handle,
        NULL AS fingerprint
    FROM pms.settings s
    UNION ALL
    -- Probes and scrapers have no key. Clients that guess keys must not use up their limit.
    SELECT
        'address' AS counted_by,
        'open' AS id,
        '/health and /metrics' AS name,
        NULL AS tier,
        greatest(600, s.rate_limit_default) AS allowance,
        NULL AS handle,
        NULL AS fingerprint
    FROM pms.settings s
),

limited AS (
    SELECT
        c.*,
        CASE WHEN s.rate_limit_enabled THEN c.allowance END AS per_minute
    FROM counted c
    CROSS JOIN pms.settings s
)

SELECT
    l.counted_by,
    l.id,
    l.name,
    l.tier,
    l.per_minute,
    (l.per_minute + 4) / 5 AS burst,
    -- Half of the connections of a pool, see position_manager.stack.postgrest; also when requests
    -- are not counted, as one key must not hold up the others.
    6 AS concurrent,
    l.handle,
    l.fingerprint
FROM limited l;

COMMENT ON VIEW pms.rate_limits IS $$The request limit of each key and of clients without one

The setting for the name of the key, else the setting for its tier, else the built-in limit of the
tier, else the default. Requests are accepted at an even rate, one per 60 s / per_minute, plus a
burst; both are null when rate limits are disabled. Source: contract.md, section 1, "Rate
limits".$$;
