-- Verify position_manager:functions/pms/refused_transfer on pg

SELECT 'pms.refused_transfer'::regproc;
