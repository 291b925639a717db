-- Revert position_manager:functions/pms/last_verification from pg

BEGIN;

DROP FUNCTION pms.last_verification;

COMMIT;
