-- Verify position_manager:functions/pms/time_text on pg

SELECT 'pms.time_text'::regproc;
