-- Revert position_manager:views/api/pnl_by_week from pg

BEGIN;

DROP VIEW api.pnl_by_week;

COMMIT;
