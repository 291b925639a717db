CREATE OR REPLACE VIEW pms.held_prices AS
SELECT
    m.asset,
    m.held_price,
    m.held_at,
    m.held_since,
    m.held_source,
    m.held_trace_id
FROM pms.prices m
WHERE m.held_price IS NOT NULL;

COMMENT ON VIEW pms.held_prices IS $$The prices that jumped and wait for a second one

Nearly always none, and then an index without a row.$$;
