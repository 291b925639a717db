-- Verify position_manager:functions/pms/position_id on pg

SELECT 'pms.position_id'::regproc;
