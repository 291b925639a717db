-- Verify position_manager:functions/pms/has_evidence on pg

SELECT 'pms.has_evidence'::regproc;
