-- Revert position_manager:functions/pms/import_positions from pg

BEGIN;

DROP FUNCTION pms.import_positions;

COMMIT;
