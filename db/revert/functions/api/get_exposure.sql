-- Revert position_manager:functions/api/get_exposure from pg

BEGIN;

DROP FUNCTION api.get_exposure;

COMMIT;
