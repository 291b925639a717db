-- Revert position_manager:views/pms/unconverted_fees from pg

BEGIN;

DROP VIEW pms.unconverted_fees;

COMMIT;
