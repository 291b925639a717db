-- Verify position_manager:functions/pms/trace_id on pg

SELECT 'pms.trace_id'::regproc;
