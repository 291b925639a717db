SELECT
    id,
    started_at,
    finished_at,
    positions,
    entries,
    discrepancies,
    findings
FROM pms.verifications
WHERE FALSE;
