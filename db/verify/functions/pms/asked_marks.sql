-- Verify position_manager:functions/pms/asked_marks on pg

SELECT 'pms.asked_marks'::regproc;
