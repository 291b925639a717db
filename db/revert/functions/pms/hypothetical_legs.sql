-- Revert position_manager:functions/pms/hypothetical_legs from pg

BEGIN;

DROP FUNCTION pms.hypothetical_legs;

COMMIT;
