-- Revert position_manager:functions/pms/transfer_entries from pg

BEGIN;

DROP FUNCTION pms.transfer_entries;

COMMIT;
