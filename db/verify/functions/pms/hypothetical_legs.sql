-- Verify position_manager:functions/pms/hypothetical_legs on pg

SELECT 'pms.hypothetical_legs'::regproc;
