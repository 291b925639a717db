-- Revert position_manager:migrations/metric_samples from pg

BEGIN;

DROP TYPE pms.metric_sample;

COMMIT;
