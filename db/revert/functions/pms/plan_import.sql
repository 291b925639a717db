-- Revert position_manager:functions/pms/plan_import from pg

BEGIN;

DROP FUNCTION pms.plan_import;

COMMIT;
