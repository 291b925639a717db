-- Verify position_manager:functions/pms/price_ages on pg

SELECT 'pms.price_ages'::regproc;
