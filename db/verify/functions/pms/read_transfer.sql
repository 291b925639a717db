-- Verify position_manager:functions/pms/read_transfer on pg

SELECT 'pms.read_transfer'::regproc;
