-- Revert position_manager:migrations/transfers from pg

BEGIN;

DROP TABLE pms.transfers;

COMMIT;
