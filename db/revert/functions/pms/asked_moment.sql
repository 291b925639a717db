-- Revert position_manager:functions/pms/asked_moment from pg

BEGIN;

DROP FUNCTION pms.asked_moment;

COMMIT;
