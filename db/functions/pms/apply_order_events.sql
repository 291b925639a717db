-- Deploy position_manager:functions/pms/apply_order_events to pg
-- requires: functions/pms/read_order_events
-- requires: functions/pms/lock_legs
-- requires: functions/pms/decide_order_events
-- requires: functions/pms/post_entries

BEGIN;

CREATE OR REPLACE FUNCTION pms.apply_order_events(
    messages jsonb[],
    update_source text DEFAULT 'order_execution'
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
    v_events pms.order_event[];
    v_recorded_at timestamptz;
BEGIN
    BEGIN
        v_events := ARRAY(SELECT e FROM pms.read_order_events(messages, FALSE) e);
    EXCEPTION
        -- Guarding every single time would cost all batches what the bad ones cost here.
        WHEN data_exception THEN
            v_events := ARRAY(SELECT e FROM pms.read_order_events(messages, TRUE) e);
    END;

    v_recorded_at := pms.lock_legs(ARRAY(
        SELECT (k.account, k.asset, k.mode, k.leg)::pms.leg_key
        FROM (
            SELECT DISTINCT e.account, e.asset, e.mode, e.leg
            FROM unnest(v_events) e
            WHERE e.outcome IS NULL
        ) k
    ));

    v_events := ARRAY(SELECT e FROM pms.decide_order_events(v_events) e ORDER BY e.ordinal);

    PERFORM pms.post_entries(
        ARRAY(
            SELECT (
                e.account, NULL, e.asset, e.mode, e.leg, 'trade', e.identity, e.order_id,
                e.quantity, e.price, e.fee, e.fee_currency, NULL, NULL, NULL, NULL, NULL, NULL,
                coalesce(e.executed_at, v_recorded_at), v_recorded_at,
                apply_order_events.update_source, e.trace_id
            )::pms.entries
            FROM unnest(v_events) e
            WHERE e.outcome = 'applied'
        ),
        '{}',
        apply_order_events.update_source
    );

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM unnest(v_events) e;
END
$$;

COMMENT ON FUNCTION pms.apply_order_events IS
$$Apply a batch of order events; one outcome per message, in order

messages: the four shapes of contract.md, section 2. One bad message costs its neighbours
nothing. Safe to repeat: what was applied before comes back as duplicate.$$;

GRANT EXECUTE ON FUNCTION pms.apply_order_events TO pms_worker;

COMMIT;
