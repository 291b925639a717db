-- Verify position_manager:functions/pms/settle_fees on pg

SELECT 'pms.settle_fees'::regproc;
