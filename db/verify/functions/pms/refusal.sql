-- Verify position_manager:functions/pms/refusal on pg

SELECT 'pms.refusal'::regproc;
