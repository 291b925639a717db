-- Revert position_manager:functions/pms/forget_request_keys from pg

BEGIN;

DROP FUNCTION pms.forget_request_keys;

COMMIT;
