-- Revert position_manager:functions/pms/valued_positions from pg

BEGIN;

DROP FUNCTION pms.valued_positions;

COMMIT;
