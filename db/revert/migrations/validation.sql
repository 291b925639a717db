-- Revert position_manager:migrations/validation from pg

BEGIN;

DROP TABLE pms.validation_statistics;
DROP TYPE pms.folded_leg;
DROP TYPE pms.discrepancy;

COMMIT;
