-- Revert position_manager:functions/api/get_portfolio from pg

BEGIN;

DROP FUNCTION api.get_portfolio;

COMMIT;
