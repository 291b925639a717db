SELECT
    table_name,
    measured_at,
    bytes
FROM pms.table_sizes
WHERE FALSE;
