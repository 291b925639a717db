-- Revert position_manager:functions/pms/positions_of from pg

BEGIN;

DROP FUNCTION pms.positions_of;

COMMIT;
