SELECT asset, mode, leg, status
FROM pms.conflicts
WHERE FALSE;

SELECT conflict_id
FROM pms.rejected_messages
WHERE FALSE;
