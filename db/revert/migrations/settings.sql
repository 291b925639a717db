-- Revert position_manager:migrations/settings from pg

BEGIN;

DROP TABLE pms.settings;

COMMIT;
