-- Revert position_manager:functions/pms/refused_arguments from pg

BEGIN;

DROP FUNCTION pms.refused_arguments;

COMMIT;
