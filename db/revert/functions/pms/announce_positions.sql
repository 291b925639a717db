-- Revert position_manager:functions/pms/announce_positions from pg

BEGIN;

DROP FUNCTION pms.announce_positions;

COMMIT;
