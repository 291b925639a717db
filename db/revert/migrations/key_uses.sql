-- Revert position_manager:migrations/key_uses from pg

BEGIN;

DROP TABLE pms.key_uses;

COMMIT;
