-- Revert position_manager:views/api/pnl_by_month from pg

BEGIN;

DROP VIEW api.pnl_by_month;

COMMIT;
