-- Revert position_manager:functions/pms/portfolio_json from pg

BEGIN;

DROP FUNCTION pms.portfolio_json;

COMMIT;
