-- Revert position_manager:functions/pms/in_scope from pg

BEGIN;

DROP FUNCTION pms.in_scope;

COMMIT;
