-- Verify position_manager:functions/pms/verify_positions on pg

SELECT 'pms.verify_positions'::regproc;
