-- Revert position_manager:functions/pms/import_identity from pg

BEGIN;

DROP FUNCTION pms.import_identity;

COMMIT;
