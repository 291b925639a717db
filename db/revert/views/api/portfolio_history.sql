-- Revert position_manager:views/api/portfolio_history from pg

BEGIN;

DROP VIEW api.portfolio_history;

COMMIT;
