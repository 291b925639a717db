-- Verify position_manager:functions/pms/read_venue_positions on pg

SELECT 'pms.read_venue_positions'::regproc;
