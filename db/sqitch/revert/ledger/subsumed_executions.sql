BEGIN;

DROP TABLE pms.subsumed_executions;

COMMIT;
