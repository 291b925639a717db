-- Revert position_manager:functions/pms/order_fold from pg

BEGIN;

DROP AGGREGATE pms.order_fold(pms.order_applied, boolean, text, numeric, numeric, numeric, boolean);

COMMIT;
