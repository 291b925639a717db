-- Verify position_manager:migrations/worker_reports on pg

SELECT part, status, reported_at
FROM pms.worker_reports
WHERE FALSE;
