-- Revert position_manager:migrations/verifications from pg

BEGIN;

DROP TABLE pms.verifications;
DROP TYPE pms.position_key;

COMMIT;
