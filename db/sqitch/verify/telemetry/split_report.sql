SELECT 1 / count(*)
FROM pg_constraint c
WHERE c.conrelid = 'pms.worker_reports'::regclass
    AND pg_get_constraintdef(c.oid) LIKE '%''split''%';
