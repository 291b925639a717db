CREATE OR REPLACE FUNCTION pms.apply_prices(
    messages jsonb[],
    source text DEFAULT 'ticker',
    update_source text DEFAULT 'websocket'
)
RETURNS SETOF pms.outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan costs more than a batch takes.
SET jit = off
-- So does planning for the very messages of a batch.
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_read pms.price_event[];
BEGIN
    v_read := ARRAY(SELECT e FROM pms.parse_prices(messages, apply_prices.source) e);

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM pms.store_prices(v_read, apply_prices.update_source) e
    ORDER BY e.ordinal;
END
$$;

COMMENT ON FUNCTION pms.apply_prices IS $$Apply a batch of prices; one outcome per message, in order

Inside a batch only the newest price of an asset counts, the others are stale. An older price
never overwrites a newer one.$$;

GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker;
