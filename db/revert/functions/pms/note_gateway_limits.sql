-- Revert position_manager:functions/pms/note_gateway_limits from pg

BEGIN;

DROP FUNCTION pms.note_gateway_limits;

COMMIT;
