-- Verify position_manager:functions/pms/price_at on pg

SELECT 'pms.price_at'::regproc;
