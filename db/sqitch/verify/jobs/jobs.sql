SELECT
    id,
    job,
    started_by,
    status,
    started_at,
    finished_at,
    steps,
    progress,
    result,
    error,
    error_code
FROM pms.job_runs
WHERE FALSE;
