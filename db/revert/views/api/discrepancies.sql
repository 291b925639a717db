-- Revert position_manager:views/api/discrepancies from pg

BEGIN;

DROP VIEW api.discrepancies;

COMMIT;
