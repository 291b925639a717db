-- Verify position_manager:functions/pms/keep_checkpoints on pg

SELECT 'pms.keep_checkpoints'::regproc;
