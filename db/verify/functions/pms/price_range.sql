-- Verify position_manager:functions/pms/price_range on pg

SELECT 'pms.price_range'::regproc;
