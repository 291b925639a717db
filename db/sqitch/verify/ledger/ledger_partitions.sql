SELECT 1 / (c.relkind = 'p')::integer
FROM pg_class c
WHERE c.oid = 'pms.entries'::regclass;

SELECT partition, since, until
FROM pms.ledger_partitions
WHERE FALSE;
