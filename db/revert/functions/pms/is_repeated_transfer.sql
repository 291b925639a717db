-- Revert position_manager:functions/pms/is_repeated_transfer from pg

BEGIN;

DROP FUNCTION pms.is_repeated_transfer;

COMMIT;
