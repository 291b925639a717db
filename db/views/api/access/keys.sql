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

COMMENT ON VIEW api.keys IS $$Who may ask over HTTP, by the ids of their keys

The keys themselves are known to nobody but their holders.$$;

COMMENT ON COLUMN api.keys.id IS 'The part of the key that is no secret, as logs show it.';

COMMENT ON COLUMN api.keys.name IS 'Whose it is.';

COMMENT ON COLUMN api.keys.role IS 'reader, trader or operator.';

COMMENT ON COLUMN api.keys.tier IS 'The name of its rate limit.';

COMMENT ON COLUMN api.keys.account_scope IS 'The accounts it is bound to; null: all.';

COMMENT ON COLUMN api.keys.status IS 'live, expired or revoked.';

COMMENT ON COLUMN api.keys.replaces IS 'The key that this one was rotated from.';

COMMENT ON COLUMN api.keys.created_at IS 'When it was made.';

COMMENT ON COLUMN api.keys.expires_at IS 'From then on it opens nothing; null: never.';

COMMENT ON COLUMN api.keys.revoked_at IS 'Since then it opens nothing; null: not revoked.';

COMMENT ON COLUMN api.keys.last_used_at IS
'When it last opened something, by the log of the gateway; null: never.';

COMMENT ON COLUMN api.keys.last_used_from IS 'The address that was from.';

GRANT SELECT ON api.keys TO pms_operator;
