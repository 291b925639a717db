-- Revert position_manager:functions/pms/portfolio_totals from pg

BEGIN;

DROP FUNCTION pms.portfolio_totals;

COMMIT;
