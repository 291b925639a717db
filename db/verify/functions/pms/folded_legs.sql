-- Verify position_manager:functions/pms/folded_legs on pg

SELECT 'pms.folded_legs'::regproc;
