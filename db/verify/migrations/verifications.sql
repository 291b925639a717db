-- Verify position_manager:migrations/verifications on pg

SELECT NULL::pms.position_key;

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
