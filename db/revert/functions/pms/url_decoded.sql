-- Revert position_manager:functions/pms/url_decoded from pg

BEGIN;

DROP FUNCTION pms.url_decoded;

COMMIT;
