CREATE TYPE pms.price_event AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    asset text,
    mark_price numeric,
    priced_at timestamptz,
    source text
);

COMMENT ON TYPE pms.price_event IS 'One price as it walks through a batch: read, then decided.';
