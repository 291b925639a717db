SELECT part, status, reported_at
FROM pms.worker_reports
WHERE FALSE;
