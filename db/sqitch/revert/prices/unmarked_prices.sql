BEGIN;

ALTER TABLE pms.prices
DROP COLUMN is_marked,
DROP COLUMN seen_before;

ALTER TABLE pms.settings DROP COLUMN price_event_interval;

COMMIT;
