-- Verify position_manager:functions/pms/post_prices on pg

SELECT 'pms.post_prices'::regproc;
