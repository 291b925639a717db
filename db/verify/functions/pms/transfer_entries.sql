-- Verify position_manager:functions/pms/transfer_entries on pg

SELECT 'pms.transfer_entries'::regproc;
