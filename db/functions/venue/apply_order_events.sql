CREATE OR REPLACE FUNCTION pms.amended_legs(events pms.amendment_event[])
RETURNS SETOF pms.leg_key
LANGUAGE sql
STABLE
AS $$
SELECT e.account, e.asset, e.mode, e.leg
FROM unnest(amended_legs.events) a
INNER JOIN pms.entries e ON a.account = e.account AND a.amends = e.identity
WHERE a.outcome IS NULL
$$;

COMMENT ON FUNCTION pms.amended_legs IS
'The legs that busts and corrections are about, where known.';

CREATE OR REPLACE FUNCTION pms.apply_order_events(
    messages jsonb[],
    update_source text DEFAULT 'order_execution'
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
    v_events pms.order_event[];
    v_deferred integer[];
    v_amendments pms.amendment_event[] := ARRAY[]::pms.amendment_event[];
    v_entries pms.entries[];
    v_corrections pms.entries[];
    v_voids pms.entry_void[] := ARRAY[]::pms.entry_void[];
    v_recorded_at timestamptz;
BEGIN
    BEGIN
        v_events := ARRAY(SELECT e FROM pms.parse_order_events(messages, FALSE) e);
    EXCEPTION
        -- Guarding every single time would cost all batches what the bad ones cost here.
        WHEN data_exception THEN
            v_events := ARRAY(SELECT e FROM pms.parse_order_events(messages, TRUE) e);
    END;

    v_deferred := ARRAY(SELECT e.ordinal FROM unnest(v_events) e WHERE e.outcome = 'deferred');
    IF v_deferred = '{}' THEN
        -- A bust must not miss a fill that is just being booked, nor the fill the bust.
        LOCK TABLE pms.amendments IN ROW SHARE MODE;
    ELSE
        LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
        v_amendments := ARRAY(SELECT a FROM pms.parse_amendments(messages, v_deferred) a);
        -- One that waits for its fill locks no leg.
        PERFORM pms.require_account(a.account)
        FROM unnest(v_amendments) a
        WHERE a.outcome IS NULL;
    END IF;

    v_recorded_at := pms.lock_legs(
        ARRAY(
            SELECT (k.account, k.asset, k.mode, k.leg)::pms.leg_key
            FROM (
                SELECT DISTINCT e.account, e.asset, e.mode, e.leg
                FROM unnest(v_events) e
                WHERE e.outcome IS NULL
            ) k
        )
        || CASE
            WHEN v_deferred = '{}' THEN NULL
            ELSE ARRAY(SELECT k FROM pms.amended_legs(v_amendments) k)
        END
    );

    v_events := ARRAY(SELECT e FROM pms.classify_order_events(v_events) e);

    v_entries := ARRAY(
        SELECT pms.new_entry(
            account => e.account,
            asset => e.asset,
            mode => e.mode,
            leg => e.leg,
            kind => e.kind,
            identity => e.identity,
            order_id => e.order_id,
            quantity => CASE
                WHEN (e.applied).quantity IS NULL THEN e.quantity
                ELSE sign(e.quantity) * (e.applied).step_quantity
            END,
            price => coalesce((e.applied).step_price, e.price),
            fee => coalesce((e.applied).step_fee, e.fee),
            fee_currency => e.fee_currency,
            amount => e.amount,
            executed_at => coalesce(e.executed_at, v_recorded_at),
            recorded_at => v_recorded_at,
            source => apply_order_events.update_source,
            trace_id => e.trace_id
        )
        FROM unnest(v_events) e
        WHERE e.outcome = 'applied'
        -- By leg, so that numbering the entries of a leg finds them sorted.
        ORDER BY e.asset, e.account, e.mode, e.leg, e.ordinal
    );

    IF v_deferred <> '{}' THEN
        v_amendments := ARRAY(
            SELECT a
            FROM pms.record_amendments(
                v_amendments, v_entries, v_recorded_at, apply_order_events.update_source
            ) a
        );
    END IF;

    IF EXISTS (SELECT 1 FROM pms.amendments a WHERE a.applied_at IS NULL) THEN
        SELECT a.corrections, a.voids
        INTO v_corrections, v_voids
        FROM pms.apply_amendments(
            v_entries,
            ARRAY(
                SELECT n.identity FROM unnest(v_entries) n
                UNION ALL
                SELECT m.amends FROM unnest(v_amendments) m
            ),
            v_recorded_at,
            apply_order_events.update_source
        ) a;
        v_entries := v_entries || v_corrections;
    END IF;

    IF EXISTS (SELECT 1 FROM unnest(v_entries) n WHERE n.fee_currency IS NOT NULL) THEN
        v_entries := pms.convert_fees(v_entries);
    END IF;

    PERFORM pms.finish_entries(
        pms.post_entries(v_entries, v_voids), apply_order_events.update_source
    );

    IF EXISTS (
        SELECT 1
        FROM unnest(v_events) e
        WHERE NOT e.is_cumulative
            AND (e.applied).quantity IS NOT NULL
    ) THEN
        PERFORM pms.record_subsumed_executions(v_events, v_recorded_at);
    END IF;

    IF EXISTS (SELECT 1 FROM unnest(v_events) e WHERE e.reason = 'identity_conflict')
        OR EXISTS (SELECT 1 FROM unnest(v_amendments) a WHERE a.reason = 'identity_conflict')
    THEN
        PERFORM pms.quarantine_conflicts(messages, v_events, v_amendments, v_recorded_at);
    END IF;

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM unnest(v_events) e
    WHERE e.outcome <> 'deferred'
    UNION ALL
    SELECT a.ordinal, a.outcome, a.reason, a.detail, a.trace_id
    FROM unnest(v_amendments) a
    ORDER BY 1;
END
$$;

COMMENT ON FUNCTION pms.apply_order_events IS
$$Apply a batch of order events; one outcome per message, in order

messages: the four shapes of contract.md, section 2, funding, busts and corrections. One bad message
costs its neighbors nothing. Safe to repeat: what was applied before comes back as duplicate. The
entry point stands here, right of the ledger, because a change of the ledger is finished by
reconciliation.$$;

GRANT EXECUTE ON FUNCTION pms.apply_order_events TO pms_worker;
