CREATE OR REPLACE FUNCTION pms.apply_prices(
    messages jsonb[],
    source text DEFAULT 'ticker'
)
RETURNS SETOF pms.outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan costs more than a batch takes (ADR 0002).
SET jit = off
-- So does planning for the messages of each batch (ADR 0002).
SET plan_cache_mode = force_generic_plan
AS $$
DECLARE
    v_prices pms.price_event[];
    v_keys pms.leg_key[];
BEGIN
    v_prices := pms.store_prices(
        ARRAY(SELECT e FROM pms.parse_prices(messages, apply_prices.source) e)
    );
    v_keys := pms.legs_to_mark(v_prices);

    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
        PERFORM pms.mark_legs(v_keys);
    END IF;

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM unnest(v_prices) e
    ORDER BY e.ordinal;
END
$$;

COMMENT ON FUNCTION pms.apply_prices IS $$Apply a batch of prices; one outcome per message, in order

Inside a batch only the newest price of an asset counts, the others are stale. An older price never
overwrites a newer one. Positions are valued with it at once; pms.mark_positions publishes them.$$;

GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker;
