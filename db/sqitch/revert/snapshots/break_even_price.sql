BEGIN;

ALTER TABLE pms.snapshots DROP COLUMN break_even_price;

COMMIT;
