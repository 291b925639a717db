-- Revert position_manager:views/api/portfolio from pg

BEGIN;

DROP VIEW api.portfolio;

COMMIT;
