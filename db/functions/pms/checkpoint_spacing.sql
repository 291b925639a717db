-- Deploy position_manager:functions/pms/checkpoint_spacing to pg
-- requires: migrations/schemas

BEGIN;

-- Folding so many entries takes about as long as finding them.
CREATE OR REPLACE FUNCTION pms.checkpoint_spacing()
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 256;

COMMENT ON FUNCTION pms.checkpoint_spacing IS
'After how many entries of a leg its fold is kept, give or take a batch.';

COMMIT;
