-- Revert position_manager:views/pms/rate_limits from pg

BEGIN;

DROP VIEW pms.rate_limits;

COMMIT;
