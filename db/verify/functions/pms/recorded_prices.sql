-- Verify position_manager:functions/pms/recorded_prices on pg

SELECT 'pms.recorded_prices'::regproc;
