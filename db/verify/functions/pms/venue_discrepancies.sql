-- Verify position_manager:functions/pms/venue_discrepancies on pg

SELECT 'pms.venue_discrepancies'::regproc;
