-- Revert position_manager:functions/pms/refusal from pg

BEGIN;

DROP FUNCTION pms.refusal;

COMMIT;
