SELECT
    id,
    digest,
    handle,
    fingerprint,
    role,
    name,
    tier,
    account_scope,
    replaces,
    created_at,
    expires_at,
    revoked_at
FROM pms.api_keys
WHERE FALSE;
