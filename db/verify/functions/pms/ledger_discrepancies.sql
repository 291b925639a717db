-- Verify position_manager:functions/pms/ledger_discrepancies on pg

SELECT 'pms.ledger_discrepancies'::regproc;
