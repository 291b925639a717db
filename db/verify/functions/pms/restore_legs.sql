-- Verify position_manager:functions/pms/restore_legs on pg

SELECT 'pms.restore_legs'::regproc;
