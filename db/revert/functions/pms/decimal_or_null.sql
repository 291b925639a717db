-- Revert position_manager:functions/pms/decimal_or_null from pg

BEGIN;

DROP FUNCTION pms.decimal_or_null;

COMMIT;
