-- Verify position_manager:functions/pms/discrepancy_id on pg

SELECT 'pms.discrepancy_id'::regproc;
