-- Verify position_manager:functions/pms/amend_entries on pg

SELECT 'pms.amend_entries'::regproc;
