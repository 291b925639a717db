-- Revert position_manager:functions/api/get_metrics_text from pg

BEGIN;

DROP FUNCTION api.get_metrics_text;

COMMIT;
