-- Revert position_manager:functions/pms/discrepancy_id from pg

BEGIN;

DROP FUNCTION pms.discrepancy_id;

COMMIT;
