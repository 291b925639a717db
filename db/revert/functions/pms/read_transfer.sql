-- Revert position_manager:functions/pms/read_transfer from pg

BEGIN;

DROP FUNCTION pms.read_transfer;

COMMIT;
