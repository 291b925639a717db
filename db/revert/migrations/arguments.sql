-- Revert position_manager:migrations/arguments from pg

BEGIN;

DROP TYPE pms.arguments;

COMMIT;
