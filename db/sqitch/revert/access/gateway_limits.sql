BEGIN;

DROP TABLE pms.gateway_limits;

COMMIT;
