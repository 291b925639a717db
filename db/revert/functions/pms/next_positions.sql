-- Revert position_manager:functions/pms/next_positions from pg

BEGIN;

DROP FUNCTION pms.next_positions;

COMMIT;
