-- Verify position_manager:functions/pms/verification_lock on pg

SELECT 'pms.verification_lock'::regproc;
