-- Revert position_manager:views/api/snapshots from pg

BEGIN;

DROP VIEW api.snapshots;

COMMIT;
