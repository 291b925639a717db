-- Deploy position_manager:functions/pms/import_identity to pg
-- requires: migrations/imports

BEGIN;

CREATE OR REPLACE FUNCTION pms.import_identity(leg pms.imported_leg)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN format('import:%s:%s:%s', (leg).mode, (leg).asset, (leg).leg);

COMMENT ON FUNCTION pms.import_identity IS
'What makes the opening of an imported leg the same one: a leg is imported once.';

COMMIT;
