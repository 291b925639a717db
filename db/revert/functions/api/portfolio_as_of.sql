-- Revert position_manager:functions/api/portfolio_as_of from pg

BEGIN;

DROP FUNCTION api.portfolio_as_of;

COMMIT;
