-- Revert position_manager:views/api/pnl_by_day from pg

BEGIN;

DROP VIEW api.pnl_by_day;

COMMIT;
