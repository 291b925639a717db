-- Verify position_manager:functions/pms/next_leg on pg

SELECT 'pms.next_leg'::regproc;
