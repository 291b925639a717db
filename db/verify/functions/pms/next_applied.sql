-- Verify position_manager:functions/pms/next_applied on pg

SELECT 'pms.next_applied'::regproc;
