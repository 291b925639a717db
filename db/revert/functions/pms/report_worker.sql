-- Revert position_manager:functions/pms/report_worker from pg

BEGIN;

DROP FUNCTION pms.report_worker;

COMMIT;
