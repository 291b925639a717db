-- Revert position_manager:views/api/rate_limits from pg

BEGIN;

DROP VIEW api.rate_limits;

COMMIT;
