-- Revert position_manager:functions/pms/verification_json from pg

BEGIN;

DROP FUNCTION pms.verification_json;

COMMIT;
