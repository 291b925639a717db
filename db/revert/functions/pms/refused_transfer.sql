-- Revert position_manager:functions/pms/refused_transfer from pg

BEGIN;

DROP FUNCTION pms.refused_transfer;

COMMIT;
