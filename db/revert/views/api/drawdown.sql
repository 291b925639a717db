-- Revert position_manager:views/api/drawdown from pg

BEGIN;

DROP VIEW api.drawdown;

COMMIT;
