-- Verify position_manager:functions/pms/rate_at on pg

SELECT 'pms.rate_at'::regproc;
