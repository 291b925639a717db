-- Revert position_manager:functions/pms/next_applied from pg

BEGIN;

DROP FUNCTION pms.next_applied;

COMMIT;
