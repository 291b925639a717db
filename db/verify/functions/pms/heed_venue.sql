-- Verify position_manager:functions/pms/heed_venue on pg

SELECT 'pms.heed_venue'::regproc;
