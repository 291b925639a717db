-- Revert position_manager:migrations/entries from pg

BEGIN;

DROP TABLE pms.entries;

COMMIT;
