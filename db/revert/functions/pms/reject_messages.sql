-- Revert position_manager:functions/pms/reject_messages from pg

BEGIN;

DROP FUNCTION pms.reject_messages;

COMMIT;
