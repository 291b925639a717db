BEGIN;

DROP TABLE pms.detached_statements;
DROP TABLE pms.loaded_code;

COMMIT;
