-- Revert position_manager:migrations/api_keys from pg

BEGIN;

DROP TABLE pms.api_keys;

COMMIT;
