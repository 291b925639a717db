-- Revert position_manager:views/api/keys from pg

BEGIN;

DROP VIEW api.keys;

COMMIT;
