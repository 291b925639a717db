CREATE OR REPLACE VIEW api.limit_breaches WITH (security_invoker = TRUE) AS
SELECT
    nullif(b.account, '*') AS account,
    b.id,
    b.limit_id,
    split_part(b.limit_id, '/', 1) AS scope,
    nullif(b.asset, '*') AS asset,
    b.metric,
    trim_scale(b.breach_level) AS breach_level,
    trim_scale(b.peak_value) AS peak_value,
    b.peak_at,
    b.began_at,
    b.ended_at,
    b.trace_id,
    b.acknowledged_at,
    b.acknowledged_by,
    b.note,
    pms.book_of_limit(b.limit_id) AS book
FROM pms.limit_breaches b
CROSS JOIN pms.read_only;

COMMENT ON VIEW api.limit_breaches IS $$Breaches of limits, with their duration and peak

One row per breach. A breach ends when the value returns to the level or below (to clear_level,
where the limit has one), or the limit is removed.$$;

COMMENT ON COLUMN api.limit_breaches.account IS 'Null: all accounts together.';

COMMENT ON COLUMN api.limit_breaches.id IS 'Number of the breach.';

COMMENT ON COLUMN api.limit_breaches.limit_id IS 'The id of the limit in api.limits.';

COMMENT ON COLUMN api.limit_breaches.scope IS 'portfolio, account, book or asset.';

COMMENT ON COLUMN api.limit_breaches.asset IS 'Null: all assets.';

COMMENT ON COLUMN api.limit_breaches.metric IS 'The metric that the limit applies to.';

COMMENT ON COLUMN api.limit_breaches.breach_level IS
'The level at the start. USDT; a quantity for position_size, a ratio for a share.';

COMMENT ON COLUMN api.limit_breaches.peak_value IS
'The highest value seen. USDT; a quantity for position_size, a ratio for a share.';

COMMENT ON COLUMN api.limit_breaches.peak_at IS 'When the peak was first seen.';

COMMENT ON COLUMN api.limit_breaches.began_at IS 'When the value was first seen above the level.';

COMMENT ON COLUMN api.limit_breaches.ended_at IS 'When the breach ended; null while it lasts.';

COMMENT ON COLUMN api.limit_breaches.trace_id IS
'The trace of the newest entry before it that the limit concerns; null: none came shortly before.';

COMMENT ON COLUMN api.limit_breaches.acknowledged_at IS
'When it was last acknowledged; null: it was not.';

COMMENT ON COLUMN api.limit_breaches.acknowledged_by IS
'The API key, or the role, that acknowledged it.';

COMMENT ON COLUMN api.limit_breaches.note IS 'The reason, or what was decided.';

COMMENT ON COLUMN api.limit_breaches.book IS 'Null: the account as a whole.';

GRANT SELECT ON api.limit_breaches TO pms_reader, pms_trader, pms_operator, pms_analyst;
