-- Verify position_manager:functions/pms/keep_portfolio_history on pg

SELECT 'pms.keep_portfolio_history'::regproc;
