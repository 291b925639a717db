-- Verify position_manager:functions/pms/positions_of on pg

SELECT 'pms.positions_of'::regproc;
