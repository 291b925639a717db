-- Revert position_manager:migrations/discrepancies from pg

BEGIN;

DROP TYPE pms.checked;
DROP TABLE pms.validations;
DROP TYPE pms.finding;
DROP TABLE pms.discrepancies;

COMMIT;
