-- Revert position_manager:functions/pms/gateway_limits from pg

BEGIN;

DROP FUNCTION pms.gateway_limits;

COMMIT;
