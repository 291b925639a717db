-- Revert position_manager:views/pms/read_only from pg

BEGIN;

DROP VIEW pms.read_only;

COMMIT;
