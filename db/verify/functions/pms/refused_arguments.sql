-- Verify position_manager:functions/pms/refused_arguments on pg

SELECT 'pms.refused_arguments'::regproc;
