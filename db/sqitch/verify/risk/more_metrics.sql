SELECT 1 / (pg_get_constraintdef(c.oid) LIKE '%order_size%')::integer
FROM pg_catalog.pg_constraint c
WHERE c.conrelid = 'pms.limits'::regclass
    AND c.conname = 'limits_metric_is_known';
