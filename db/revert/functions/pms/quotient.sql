-- Revert position_manager:functions/pms/quotient from pg

BEGIN;

DROP FUNCTION pms.quotient;

COMMIT;
