-- Revert position_manager:functions/pms/may_request from pg

BEGIN;

DROP FUNCTION pms.may_request;

COMMIT;
