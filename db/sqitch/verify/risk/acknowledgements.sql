SELECT acknowledged_at, acknowledged_by, note
FROM pms.limit_breaches
WHERE FALSE;
