-- Revert position_manager:functions/pms/announce_discrepancies from pg

BEGIN;

DROP FUNCTION pms.announce_discrepancies;

COMMIT;
