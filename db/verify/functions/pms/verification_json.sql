-- Verify position_manager:functions/pms/verification_json on pg

SELECT 'pms.verification_json'::regproc;
