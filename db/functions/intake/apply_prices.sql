CREATE OR REPLACE FUNCTION pms.apply_prices(
    messages jsonb[],
    source text DEFAULT 'ticker',
    update_source text DEFAULT 'websocket'
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
BEGIN
    v_prices := pms.store_prices(
        ARRAY(SELECT e FROM pms.parse_prices(messages, apply_prices.source) e)
    );
    PERFORM pms.publish_position_events(
        (pms.mark_positions(v_prices)).marked, apply_prices.update_source
    );

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM unnest(v_prices) e
    ORDER BY e.ordinal;
END
$$;

COMMENT ON FUNCTION pms.apply_prices IS $$Apply a batch of prices; one outcome per message, in order

Inside a batch only the newest price of an asset counts, the others are stale: each open position
has one version and one event more. An older price never overwrites a newer one.$$;

GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker;
