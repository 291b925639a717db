-- Revert position_manager:migrations/audit from pg

BEGIN;

DROP TABLE pms.audit;

COMMIT;
