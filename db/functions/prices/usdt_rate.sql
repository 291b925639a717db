CREATE OR REPLACE FUNCTION pms.usdt_rate(currency text)
RETURNS numeric
LANGUAGE sql
STABLE
PARALLEL SAFE
RETURN CASE
    -- Nearly all instruments settle in USDT and need no lookup.
    WHEN currency = 'USDT' THEN 1
    ELSE (
        SELECT r.rate
        FROM pms.usdt_rates r
        WHERE r.currency = usdt_rate.currency
    )
END;

COMMENT ON FUNCTION pms.usdt_rate IS 'USDT for one unit of a currency now; null without a price of it.';
