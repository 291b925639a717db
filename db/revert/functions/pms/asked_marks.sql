-- Revert position_manager:functions/pms/asked_marks from pg

BEGIN;

DROP FUNCTION pms.asked_marks;

COMMIT;
