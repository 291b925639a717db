-- Verify position_manager:functions/pms/read_prices on pg

SELECT 'pms.read_prices'::regproc;
