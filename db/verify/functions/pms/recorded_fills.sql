-- Verify position_manager:functions/pms/recorded_fills on pg

SELECT 'pms.recorded_fills'::regproc;
