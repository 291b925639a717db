SELECT 1 / count(*)
FROM pg_catalog.pg_class c
WHERE c.oid = 'pms.event_log_others_idx'::regclass;
