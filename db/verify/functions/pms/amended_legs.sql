-- Verify position_manager:functions/pms/amended_legs on pg

SELECT 'pms.amended_legs'::regproc;
