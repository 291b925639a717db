BEGIN;

ALTER TABLE pms.settings
ADD COLUMN price_event_interval interval NOT NULL DEFAULT '1 second',
ADD CONSTRAINT settings_price_event_interval_not_negative
CHECK (price_event_interval >= '0 seconds');

ALTER TABLE pms.prices
ADD COLUMN is_marked boolean NOT NULL DEFAULT TRUE,
ADD COLUMN seen_before xid8;

-- Few: the prices of the last second.
CREATE INDEX prices_unmarked_idx ON pms.prices (asset) WHERE NOT is_marked;

COMMIT;
