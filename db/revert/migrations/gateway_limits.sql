-- Revert position_manager:migrations/gateway_limits from pg

BEGIN;

DROP TABLE pms.gateway_limits;

COMMIT;
