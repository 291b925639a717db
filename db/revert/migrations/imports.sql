-- Revert position_manager:migrations/imports from pg

BEGIN;

DROP TYPE pms.imported_leg;

COMMIT;
