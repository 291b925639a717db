-- Revert position_manager:views/api/pnl_by_asset from pg

BEGIN;

DROP VIEW api.pnl_by_asset;

COMMIT;
