BEGIN;

ALTER TABLE pms.api_keys DROP COLUMN session;

COMMIT;
