-- Verify position_manager:functions/pms/validate_position on pg

SELECT 'pms.validate_position'::regproc;
