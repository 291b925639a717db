-- Verify position_manager:functions/pms/refused_position on pg

SELECT 'pms.refused_position'::regproc;
