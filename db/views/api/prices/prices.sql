CREATE OR REPLACE VIEW api.prices AS
SELECT
    m.asset,
    trim_scale(m.mark_price) AS mark_price,
    CASE
        WHEN m.held_price IS NULL
            AND pms.is_fresh(m.priced_at, now(), c.price_staleness_threshold) THEN 'fresh'
        ELSE 'stale'
    END AS price_status,
    m.priced_at,
    m.recorded_at,
    m.source,
    m.trace_id,
    greatest(floor(extract(EPOCH FROM now() - m.priced_at))::bigint, 0) AS age_seconds,
    trim_scale(m.held_price) AS held_price,
    m.held_at,
    m.held_since
FROM pms.prices m
CROSS JOIN pms.settings c;

COMMENT ON VIEW api.prices IS $$The newest mark price of each asset

A price that jumps by more than the limit is held until a second one confirms it; the one before it
is used meanwhile. See accept_price and drop_price.$$;

COMMENT ON COLUMN api.prices.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.prices.mark_price IS 'Quote currency.';

COMMENT ON COLUMN api.prices.price_status IS
'fresh, or stale: older than the threshold, ahead of the clock, or in doubt for a held price.';

COMMENT ON COLUMN api.prices.priced_at IS 'The time of the price at its source.';

COMMENT ON COLUMN api.prices.recorded_at IS 'When the service recorded the price.';

COMMENT ON COLUMN api.prices.source IS
'ticker, venue (a position report), price_api (the fallback of the worker) or api.';

COMMENT ON COLUMN api.prices.trace_id IS 'The trace id of the message or request.';

COMMENT ON COLUMN api.prices.age_seconds IS
'Age of the price by priced_at; 0 for a time in the future.';

COMMENT ON COLUMN api.prices.held_price IS
'Quote currency: a price that jumped and is not used yet; null without one.';

COMMENT ON COLUMN api.prices.held_at IS 'The time of the held price at its source.';

COMMENT ON COLUMN api.prices.held_since IS 'Since when a price of the asset has been held.';

GRANT SELECT ON api.prices TO pms_reader, pms_trader, pms_operator, pms_analyst;
