SELECT
    m.held_price,
    m.held_at,
    m.held_since,
    m.held_source,
    m.held_trace_id,
    s.price_jump_limit
FROM pms.prices m
CROSS JOIN pms.settings s
WHERE FALSE;
