-- Revert position_manager:functions/api/revoke_key from pg

BEGIN;

DROP FUNCTION api.revoke_key;

COMMIT;
