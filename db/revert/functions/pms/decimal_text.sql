-- Revert position_manager:functions/pms/decimal_text from pg

BEGIN;

DROP FUNCTION pms.decimal_text;

COMMIT;
