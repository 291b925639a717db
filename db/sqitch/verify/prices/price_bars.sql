SELECT
    asset,
    minute,
    open_price,
    open_at,
    open_recorded_at,
    high_price,
    low_price,
    close_price,
    close_at,
    close_recorded_at
FROM pms.price_bars
WHERE FALSE;
