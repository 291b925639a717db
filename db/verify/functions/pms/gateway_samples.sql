-- Verify position_manager:functions/pms/gateway_samples on pg

SELECT 'pms.gateway_samples'::regproc;
