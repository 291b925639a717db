-- Revert position_manager:functions/api/get_pnl from pg

BEGIN;

DROP FUNCTION api.get_pnl;

COMMIT;
