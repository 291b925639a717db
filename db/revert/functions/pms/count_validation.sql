-- Revert position_manager:functions/pms/count_validation from pg

BEGIN;

DROP FUNCTION pms.count_validation;

COMMIT;
