-- Revert position_manager:functions/pms/begin_verification from pg

BEGIN;

DROP FUNCTION pms.begin_verification;

COMMIT;
