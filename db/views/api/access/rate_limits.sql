CREATE OR REPLACE VIEW api.rate_limits AS
SELECT
    l.counted_by,
    l.id,
    l.name,
    l.tier,
    CASE WHEN s.rate_limit_enabled THEN l.per_minute END AS per_minute,
    CASE WHEN s.rate_limit_enabled THEN l.burst END AS burst,
    CASE WHEN s.rate_limit_enabled THEN l.concurrent END AS concurrent,
    (g.applied ->> l.id)::integer AS in_force,
    g.applied_at
FROM pms.rate_limits l
CROSS JOIN pms.settings s
LEFT JOIN pms.gateway_limits g ON TRUE;

COMMENT ON VIEW api.rate_limits IS $$How many requests a minute the gateway lets in

Requests come in evenly, one each 60 s / per_minute, and burst more of them early. Keys that are
revoked, expired or without a fingerprint are counted by their address.$$;

COMMENT ON COLUMN api.rate_limits.counted_by IS 'key or address.';

COMMENT ON COLUMN api.rate_limits.id IS
'Of the key; address: everybody without one; open: on /health and /metrics.';

COMMENT ON COLUMN api.rate_limits.name IS 'Whose it is.';

COMMENT ON COLUMN api.rate_limits.tier IS 'The tier of the key.';

COMMENT ON COLUMN api.rate_limits.per_minute IS 'Requests a minute; null: not counted.';

COMMENT ON COLUMN api.rate_limits.burst IS 'So many more may come at once; null: not counted.';

COMMENT ON COLUMN api.rate_limits.concurrent IS
'So many requests may be under way at once; null: not counted.';

COMMENT ON COLUMN api.rate_limits.in_force IS
'The requests a minute that the gateway was last told; null: none.';

COMMENT ON COLUMN api.rate_limits.applied_at IS 'When the gateway was last told anything new.';

GRANT SELECT ON api.rate_limits TO pms_operator;
