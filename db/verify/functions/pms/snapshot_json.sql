-- Verify position_manager:functions/pms/snapshot_json on pg

SELECT 'pms.snapshot_json'::regproc;
