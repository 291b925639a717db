-- Revert position_manager:functions/pms/settle_fees from pg

BEGIN;

DROP FUNCTION pms.settle_fees;

COMMIT;
