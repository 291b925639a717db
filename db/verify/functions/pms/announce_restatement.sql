-- Verify position_manager:functions/pms/announce_restatement on pg

SELECT 'pms.announce_restatement'::regproc;
