BEGIN;

DROP TABLE pms.table_sizes;

COMMIT;
