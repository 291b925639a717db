-- Verify position_manager:functions/pms/validate_positions on pg

SELECT 'pms.validate_positions'::regproc;
