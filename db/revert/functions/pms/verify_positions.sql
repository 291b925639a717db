-- Revert position_manager:functions/pms/verify_positions from pg

BEGIN;

DROP FUNCTION pms.verify_positions;

COMMIT;
