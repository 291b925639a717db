-- Revert position_manager:functions/pms/cache_hit_rate from pg

BEGIN;

DROP FUNCTION pms.cache_hit_rate;

COMMIT;
