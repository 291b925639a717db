CREATE OR REPLACE VIEW api.keys AS
SELECT
    k.id,
    k.name,
    k.role,
    k.tier,
    k.account_scope,
    CASE
        WHEN k.revoked_at <= now() THEN 'revoked'
        WHEN k.expires_at <= now() THEN 'expired'
        ELSE 'live'
    END AS status,
    k.replaces,
    k.created_at,
    k.expires_at,
    k.revoked_at,
    u.last_used_at,
    u.last_used_from
FROM pms.api_keys k
LEFT JOIN pms.key_uses u ON k.id = u.key_id
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.keys IS $$API keys, without their secrets

The service does not store the keys themselves.$$;

COMMENT ON COLUMN api.keys.id IS 'The public part of the key, as shown in logs.';

COMMENT ON COLUMN api.keys.name IS 'The owner.';

COMMENT ON COLUMN api.keys.role IS 'reader, trader or operator.';

COMMENT ON COLUMN api.keys.tier IS 'The name of the rate limit.';

COMMENT ON COLUMN api.keys.account_scope IS 'The accounts the key is limited to; null means all.';

COMMENT ON COLUMN api.keys.status IS 'live, expired or revoked.';

COMMENT ON COLUMN api.keys.replaces IS 'The key that this one replaced by rotation.';

COMMENT ON COLUMN api.keys.created_at IS 'When the key was created.';

COMMENT ON COLUMN api.keys.expires_at IS 'When the key expires; null means never.';

COMMENT ON COLUMN api.keys.revoked_at IS 'When the key was revoked; null if it was not.';

COMMENT ON COLUMN api.keys.last_used_at IS
'The last accepted request, from the log of the gateway; null if there was none.';

COMMENT ON COLUMN api.keys.last_used_from IS 'The client address of that request.';

GRANT SELECT ON api.keys TO pms_operator;
