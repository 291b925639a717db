-- Verify position_manager:functions/pms/checkpoint_present_legs on pg

SELECT 'pms.checkpoint_present_legs'::regproc;
