-- Revert position_manager:functions/pms/discrepancies_text from pg

BEGIN;

DROP FUNCTION pms.discrepancies_text;

COMMIT;
