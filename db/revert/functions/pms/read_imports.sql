-- Revert position_manager:functions/pms/read_imports from pg

BEGIN;

DROP FUNCTION pms.read_imports;

COMMIT;
