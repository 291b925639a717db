SELECT
    account,
    entry_id,
    cause,
    amendment,
    recorded_at,
    source,
    trace_id
FROM pms.voids
WHERE FALSE;
