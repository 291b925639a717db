-- Revert position_manager:functions/pms/continue_verification from pg

BEGIN;

DROP FUNCTION pms.continue_verification;

COMMIT;
