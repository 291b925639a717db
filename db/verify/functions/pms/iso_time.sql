-- Verify position_manager:functions/pms/iso_time on pg

SELECT 'pms.iso_time'::regproc;
