-- Revert position_manager:views/api/limit_breaches from pg

BEGIN;

DROP VIEW api.limit_breaches;

COMMIT;
