-- Revert position_manager:functions/pms/ledger_discrepancies from pg

BEGIN;

DROP FUNCTION pms.ledger_discrepancies;

COMMIT;
