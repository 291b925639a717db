-- Verify position_manager:functions/pms/legs_as_of on pg

SELECT 'pms.legs_as_of'::regproc;
