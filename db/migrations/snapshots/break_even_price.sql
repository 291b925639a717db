-- Only adds.
BEGIN;

ALTER TABLE pms.snapshots ADD COLUMN break_even_price numeric;

COMMIT;
