-- Revert position_manager:functions/pms/histogram_samples from pg

BEGIN;

DROP FUNCTION pms.histogram_samples;

COMMIT;
