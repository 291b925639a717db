-- Revert position_manager:functions/pms/check_request from pg

BEGIN;

DROP FUNCTION pms.check_request;

COMMIT;
