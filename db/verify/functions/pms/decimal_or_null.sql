-- Verify position_manager:functions/pms/decimal_or_null on pg

SELECT 'pms.decimal_or_null'::regproc;
