-- Revert position_manager:functions/pms/read_hypothetical from pg

BEGIN;

DROP FUNCTION pms.read_hypothetical;

COMMIT;
