-- Revert position_manager:migrations/media_types from pg

BEGIN;

DROP DOMAIN api."text/plain";  -- noqa: RF05

COMMIT;
