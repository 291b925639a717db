-- Revert position_manager:functions/pms/time_text from pg

BEGIN;

DROP FUNCTION pms.time_text;

COMMIT;
