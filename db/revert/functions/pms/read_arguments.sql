-- Revert position_manager:functions/pms/read_arguments from pg

BEGIN;

DROP FUNCTION pms.read_arguments;

COMMIT;
