SELECT
    record_retention,
    record_max_bytes,
    checkpoint_retention
FROM pms.settings
WHERE FALSE;
