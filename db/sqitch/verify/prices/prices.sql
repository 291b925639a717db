SELECT asset, mark_price, priced_at, recorded_at, source, trace_id
FROM pms.prices
WHERE FALSE;
