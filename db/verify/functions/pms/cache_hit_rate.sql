-- Verify position_manager:functions/pms/cache_hit_rate on pg

SELECT 'pms.cache_hit_rate'::regproc;
