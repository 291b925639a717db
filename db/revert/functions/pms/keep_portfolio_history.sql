-- Revert position_manager:functions/pms/keep_portfolio_history from pg

BEGIN;

DROP FUNCTION pms.keep_portfolio_history;

COMMIT;
