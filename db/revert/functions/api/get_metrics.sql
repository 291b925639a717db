-- Revert position_manager:functions/api/get_metrics from pg

BEGIN;

DROP FUNCTION api.get_metrics;

COMMIT;
