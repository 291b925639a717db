-- Revert position_manager:functions/pms/gateway_samples from pg

BEGIN;

DROP FUNCTION pms.gateway_samples;

COMMIT;
