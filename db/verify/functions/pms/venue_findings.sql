-- Verify position_manager:functions/pms/venue_findings on pg

SELECT 'pms.venue_findings'::regproc;
