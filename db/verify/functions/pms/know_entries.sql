-- Verify position_manager:functions/pms/know_entries on pg

SELECT 'pms.know_entries'::regproc;
