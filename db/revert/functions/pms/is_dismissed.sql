-- Revert position_manager:functions/pms/is_dismissed from pg

BEGIN;

DROP FUNCTION pms.is_dismissed;

COMMIT;
