SELECT
    asset,
    kind,
    multiplier,
    quote_currency,
    settlement_currency,
    base_currency,
    allows_negative_price,
    is_assumed,
    created_at
FROM pms.instruments
WHERE FALSE;
