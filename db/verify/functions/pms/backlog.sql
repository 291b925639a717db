-- Verify position_manager:functions/pms/backlog on pg

SELECT 'pms.backlog'::regproc;
