-- Revert position_manager:migrations/request_keys from pg

BEGIN;

DROP TYPE pms.command;
DROP TABLE pms.request_keys;

COMMIT;
