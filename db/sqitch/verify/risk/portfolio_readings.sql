SELECT reader, read_at, seen_before, row_count
FROM pms.portfolio_readings
WHERE FALSE;
