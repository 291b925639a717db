-- Verify position_manager:migrations/limits on pg

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

SELECT NULL::pms.limit_basis;
