-- Revert position_manager:migrations/unconverted_fees from pg

BEGIN;

DROP TABLE pms.unconverted_fees;

COMMIT;
