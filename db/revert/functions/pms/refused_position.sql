-- Revert position_manager:functions/pms/refused_position from pg

BEGIN;

DROP FUNCTION pms.refused_position;

COMMIT;
