-- Verify position_manager:functions/pms/quarantine_conflicts on pg

SELECT 'pms.quarantine_conflicts'::regproc;
