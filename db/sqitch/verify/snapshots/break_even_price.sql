SELECT break_even_price
FROM pms.snapshots
WHERE FALSE;
