-- Revert position_manager:functions/pms/iso_time from pg

BEGIN;

DROP FUNCTION pms.iso_time;

COMMIT;
