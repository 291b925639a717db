-- Verify position_manager:functions/pms/announce_discrepancies on pg

SELECT 'pms.announce_discrepancies'::regproc;
