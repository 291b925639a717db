BEGIN;

DROP TABLE pms.validations;
DROP TABLE pms.discrepancies;

COMMIT;
