-- Verify position_manager:functions/pms/checkpoint_spacing on pg

SELECT 'pms.checkpoint_spacing'::regproc;
