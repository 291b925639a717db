-- Verify position_manager:functions/pms/implied_cost on pg

SELECT 'pms.implied_cost'::regproc;
