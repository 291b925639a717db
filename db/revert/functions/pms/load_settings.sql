-- Revert position_manager:functions/pms/load_settings from pg

BEGIN;

DROP FUNCTION pms.load_settings;

COMMIT;
