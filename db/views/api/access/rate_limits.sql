CREATE OR REPLACE VIEW api.rate_limits AS
SELECT
    l.counted_by,
    l.id,
    l.name,
    l.tier,
    l.per_minute,
    l.burst,
    l.concurrent,
    (g.applied ->> l.id)::integer AS in_force,
    g.applied_at
FROM pms.rate_limits l
LEFT JOIN pms.gateway_limits g ON TRUE;

COMMENT ON VIEW api.rate_limits IS $$The rate limits of the gateway

Requests are accepted at an even rate, one per 60 s / per_minute, plus a burst. Requests with a key
that is revoked, expired or without a fingerprint count against the client address.$$;

COMMENT ON COLUMN api.rate_limits.counted_by IS 'key or address.';

COMMENT ON COLUMN api.rate_limits.id IS
'The id of the key; address: each client without one; open: /health and /metrics.';

COMMENT ON COLUMN api.rate_limits.name IS 'The owner of the key.';

COMMENT ON COLUMN api.rate_limits.tier IS 'The tier of the key.';

COMMENT ON COLUMN api.rate_limits.per_minute IS 'Requests per minute; null means unlimited.';

COMMENT ON COLUMN api.rate_limits.burst IS
'Additional requests accepted at once; null means unlimited.';

COMMENT ON COLUMN api.rate_limits.concurrent IS
'Maximum number of concurrent requests, also when rate limits are disabled.';

COMMENT ON COLUMN api.rate_limits.in_force IS
'The requests per minute that the gateway last applied; null if none.';

COMMENT ON COLUMN api.rate_limits.applied_at IS 'When the gateway last applied a change.';

GRANT SELECT ON api.rate_limits TO pms_operator;
