-- Verify position_manager:functions/pms/decimal_text on pg

SELECT 'pms.decimal_text'::regproc;
