-- Revert position_manager:functions/pms/open_lots from pg

BEGIN;

DROP FUNCTION pms.open_lots;

COMMIT;
