-- Verify position_manager:functions/pms/forget_prices on pg

SELECT 'pms.forget_prices'::regproc;
