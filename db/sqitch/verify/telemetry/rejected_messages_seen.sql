SELECT 1 / count(*)
FROM pg_catalog.pg_class c
WHERE c.oid = 'pms.rejected_messages_seen_idx'::regclass;
