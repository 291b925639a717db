-- Revert position_manager:functions/api/define_instrument from pg

BEGIN;

DROP FUNCTION api.define_instrument;

COMMIT;
