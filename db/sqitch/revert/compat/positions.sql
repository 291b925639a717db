BEGIN;

DROP TABLE compat.positions;

DROP FUNCTION compat.replace_written();

DROP FUNCTION compat.delete_unknown();

DROP SCHEMA compat;

ALTER TABLE pms.settings DROP COLUMN compat;

COMMIT;
