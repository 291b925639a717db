-- Revert position_manager:views/pms/pnl_periods from pg

BEGIN;

DROP VIEW pms.pnl_periods;

COMMIT;
