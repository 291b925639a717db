BEGIN;

DROP TABLE pms.estimated_closes;

ALTER TABLE pms.entries
DROP COLUMN closing_price,
DROP COLUMN closing_source;

DROP DOMAIN pms.closing_price;

COMMIT;
