-- Only adds.
BEGIN;

ALTER TABLE pms.settings
ADD COLUMN price_jump_limit numeric NOT NULL DEFAULT 0.5,
ADD CONSTRAINT settings_price_jump_limit_is_a_share CHECK (price_jump_limit BETWEEN 0 AND 1);

ALTER TABLE pms.prices
ADD COLUMN held_price numeric,
ADD COLUMN held_at timestamptz,
ADD COLUMN held_since timestamptz,
ADD COLUMN held_source text,
ADD COLUMN held_trace_id text,
ADD CONSTRAINT prices_held_is_whole CHECK (
    (held_price IS NULL) = (held_at IS NULL)
    AND (held_price IS NULL) = (held_since IS NULL)
    AND (held_price IS NULL) = (held_source IS NULL)
);

-- Few, mostly none.
CREATE INDEX prices_held_idx ON pms.prices (asset) WHERE held_price IS NOT NULL;

COMMIT;
