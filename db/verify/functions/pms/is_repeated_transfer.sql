-- Verify position_manager:functions/pms/is_repeated_transfer on pg

SELECT 'pms.is_repeated_transfer'::regproc;
