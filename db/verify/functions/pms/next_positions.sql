-- Verify position_manager:functions/pms/next_positions on pg

SELECT 'pms.next_positions'::regproc;
