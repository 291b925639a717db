SELECT
    account,
    asset,
    metric,
    warn_level,
    breach_level,
    source,
    updated_at,
    scope,
    id
FROM pms.limits
WHERE FALSE;

SELECT
    account,
    id,
    limit_id,
    asset,
    metric,
    breach_level,
    began_at,
    ended_at,
    peak_value,
    peak_at
FROM pms.limit_breaches
WHERE FALSE;
