-- Revert position_manager:functions/pms/adopt_positions from pg

BEGIN;

DROP FUNCTION pms.adopt_positions;

COMMIT;
