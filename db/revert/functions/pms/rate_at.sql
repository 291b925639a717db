-- Revert position_manager:functions/pms/rate_at from pg

BEGIN;

DROP FUNCTION pms.rate_at;

COMMIT;
