-- Revert position_manager:functions/api/set_capital from pg

BEGIN;

DROP FUNCTION api.set_capital;

COMMIT;
