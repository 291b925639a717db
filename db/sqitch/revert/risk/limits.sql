BEGIN;

DROP TABLE pms.limit_breaches;
DROP TABLE pms.limits;

COMMIT;
