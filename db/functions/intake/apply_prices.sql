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
    v_changed_holds text[];
    v_keys pms.leg_key[];
BEGIN
    SELECT s.outcomes, s.changed_holds
    INTO v_prices, v_changed_holds
    FROM pms.store_prices(
        ARRAY(SELECT e FROM pms.parse_prices(messages, apply_prices.source) e)
    ) s;
    v_keys := pms.lock_legs_to_mark(v_prices, v_changed_holds);

    IF v_keys <> '{}' THEN
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
overwrites a newer one. A price that jumps is held until a second one confirms it. Positions are
valued with a price at once; pms.mark_positions publishes them.$$;

GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker;
