-- Verify position_manager:functions/pms/announce_positions on pg

SELECT 'pms.announce_positions'::regproc;
