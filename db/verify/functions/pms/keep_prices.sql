-- Verify position_manager:functions/pms/keep_prices on pg

SELECT 'pms.keep_prices'::regproc;
