-- Verify position_manager:functions/pms/checkpoint_discrepancies on pg

SELECT 'pms.checkpoint_discrepancies'::regproc;
