-- Revert position_manager:functions/pms/announce_restatement from pg

BEGIN;

DROP FUNCTION pms.announce_restatement;

COMMIT;
