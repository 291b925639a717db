-- Verify position_manager:functions/pms/portfolio_json on pg

SELECT 'pms.portfolio_json'::regproc;
