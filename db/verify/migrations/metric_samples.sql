-- Verify position_manager:migrations/metric_samples on pg

SELECT NULL::pms.metric_sample;
