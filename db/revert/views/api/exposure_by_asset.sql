-- Revert position_manager:views/api/exposure_by_asset from pg

BEGIN;

DROP VIEW api.exposure_by_asset;

COMMIT;
