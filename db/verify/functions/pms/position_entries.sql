-- Verify position_manager:functions/pms/position_entries on pg

SELECT 'pms.position_entries'::regproc;
