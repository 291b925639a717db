-- Revert position_manager:functions/pms/heed_venue from pg

BEGIN;

DROP FUNCTION pms.heed_venue;

COMMIT;
