BEGIN;

ALTER TABLE pms.prices
DROP COLUMN held_price,
DROP COLUMN held_at,
DROP COLUMN held_since,
DROP COLUMN held_source,
DROP COLUMN held_trace_id;

ALTER TABLE pms.settings
DROP COLUMN price_jump_limit;

COMMIT;
