BEGIN;

DROP TABLE pms.recorded_limits;

COMMIT;
