-- Revert position_manager:functions/pms/verification_lock from pg

BEGIN;

DROP FUNCTION pms.verification_lock;

COMMIT;
