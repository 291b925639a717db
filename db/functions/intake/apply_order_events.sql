CREATE OR REPLACE FUNCTION pms.record_subsumed_executions(
    events pms.order_event[],
    recorded_at timestamptz
)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.subsumed_executions (
    account, identity, order_id, asset, leg, quantity, price, fee, fee_currency, executed_at,
    counted_quantity, counted_price, counted_fee, recorded_at, trace_id
)
SELECT
    e.account, e.identity, e.order_id, e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0),
    e.fee_currency, coalesce(e.executed_at, record_subsumed_executions.recorded_at),
    (e.applied).step_quantity, coalesce((e.applied).step_price, 0), (e.applied).step_fee,
    record_subsumed_executions.recorded_at, e.trace_id
FROM unnest(record_subsumed_executions.events) e
WHERE NOT e.is_cumulative
    AND (e.outcome IS NULL OR e.outcome = 'duplicate')
    AND (e.applied).quantity IS NOT NULL
    AND ((e.applied).step_quantity, (e.applied).step_price, (e.applied).step_fee)
    IS DISTINCT FROM (abs(e.quantity), e.price, coalesce(e.fee, 0))
$$;

COMMENT ON FUNCTION pms.record_subsumed_executions IS
$$Keep the executions that a total had counted before, as they were reported

events: classified.$$;

CREATE OR REPLACE FUNCTION pms.legs_of_rejected_events(
    events pms.order_event[],
    amendments pms.amendment_event[],
    messages jsonb[]
)
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
SELECT pms.existing_legs(ARRAY(
    SELECT n.leg
    FROM (
        SELECT l.leg
        FROM pms.legs_named_by_events(ARRAY(
            SELECT e FROM unnest(legs_of_rejected_events.events) e WHERE e.outcome = 'rejected'
        ), legs_of_rejected_events.messages) l
        UNION ALL
        SELECT l.leg
        FROM pms.legs_named_by_amendments(ARRAY(
            SELECT a FROM unnest(legs_of_rejected_events.amendments) a WHERE a.outcome = 'rejected'
        )) l
    ) n
    WHERE pms.in_scope((n.leg).account)
))
$$;

COMMENT ON FUNCTION pms.legs_of_rejected_events IS
$$The legs that will be flagged for what is rejected

They are locked with those that change, in one order: pms.record_rejected_messages flags them in the
same transaction.$$;

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
    v_legs pms.leg_key[];
    v_has_rejected boolean;
    v_books pms.leg_key[];
    v_has_new_books boolean := FALSE;
    v_voids_fills boolean := FALSE;
    v_amendments pms.amendment_event[] := ARRAY[]::pms.amendment_event[];
    v_entries pms.ledger_entries[];
    v_corrections pms.ledger_entries[];
    v_voids pms.entry_void[] := ARRAY[]::pms.entry_void[];
    v_has_bad_times boolean := FALSE;
    v_has_fee_currencies boolean;
    v_has_totals boolean;
    v_has_subsumed boolean;
    v_has_conflicts boolean;
    v_has_unread boolean;
    v_has_doubts boolean;
    v_has_flags boolean := FALSE;
    v_changed pms.changed_leg[];
    v_actions pms.action_event[] := ARRAY[]::pms.action_event[];
    v_recorded_at timestamptz;
    v_earliest_at timestamptz;
    v_latest_at timestamptz;
    v_explained text[];
    v_misdirected pms.outcome[];
    v_own integer[];
    v_has_map boolean;
    v_has_pending boolean;
    v_has_archives boolean;
    v_has_estimates boolean;
BEGIN
    LOOP
        BEGIN
            SELECT
                array_agg(e),
                array_agg(e.ordinal) FILTER (WHERE e.outcome = 'deferred'),
                array_agg((e.account, e.asset, e.mode, e.leg)::pms.leg_key)
                FILTER (WHERE e.outcome IS NULL),
                bool_or(e.outcome = 'rejected'),
                array_agg((
                    pms.book_account(e.account, e.book), e.asset, e.mode, e.leg
                )::pms.leg_key) FILTER (WHERE e.book IS NOT NULL AND e.outcome IS NULL),
                min(e.executed_at),
                max(e.executed_at)
            INTO
                v_events, v_deferred, v_legs, v_has_rejected, v_books, v_earliest_at, v_latest_at
            FROM pms.parse_order_events(messages, v_has_bad_times) e;
            EXIT;
        EXCEPTION
            -- Guarding every single time would cost all batches what the bad ones cost here.
            WHEN data_exception THEN
                IF v_has_bad_times THEN
                    RAISE;
                END IF;
                v_has_bad_times := TRUE;
        END;
    END LOOP;

    IF v_books IS NOT NULL THEN
        v_has_new_books := pms.has_new_books(v_books);
        v_legs := v_legs || v_books;
    END IF;

    IF v_deferred IS NULL AND NOT v_has_new_books THEN
        -- A bust must not miss a fill that is just being booked, nor the fill the bust. As
        -- pms.lock_rules does, without the call.
        LOCK TABLE pms.amendments IN ROW SHARE MODE;
    ELSE
        LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
    END IF;

    -- With the lock, which api.set_shard_map waits for, as does all that leaves an amendment
    -- pending at its end: the answers hold. One look for all of them (ADR 0002).
    SELECT
        EXISTS (SELECT 1 FROM pms.shard),
        EXISTS (SELECT 1 FROM pms.amendments a WHERE a.applied_at IS NULL)
    INTO v_has_map, v_has_pending;

    IF v_has_map THEN
        v_misdirected := pms.misdirected_orders(v_events, messages);
    END IF;
    IF v_misdirected <> '{}' THEN
        v_own := pms.other_ordinals(v_misdirected, cardinality(messages));
        RETURN QUERY
        SELECT v_own[o.ordinal], o.outcome, o.reason, o.detail, o.trace_id
        FROM pms.apply_order_events(
                ARRAY(SELECT messages[n.ordinal] FROM unnest(v_own) n (ordinal)), update_source
            ) o
        UNION ALL
        SELECT m.* FROM unnest(v_misdirected) m
        ORDER BY 1;
        RETURN;
    END IF;

    IF v_has_new_books THEN
        v_legs := v_legs || pms.legs_to_book(v_legs);
    END IF;

    IF v_deferred IS NOT NULL THEN
        v_voids_fills := TRUE;
        v_actions := ARRAY(
            SELECT a
            FROM pms.parse_corporate_actions(
                messages, pms.corporate_action_ordinals(messages, v_deferred), update_source
            ) a
        );
        IF v_actions <> '{}' THEN
            -- They are of all accounts.
            PERFORM pms.require_unscoped_key();
            v_deferred := ARRAY(
                SELECT d.ordinal
                FROM unnest(v_deferred) d (ordinal)
                WHERE d.ordinal NOT IN (SELECT a.ordinal FROM unnest(v_actions) a)
            );
        END IF;
        v_amendments := ARRAY(SELECT a FROM pms.parse_amendments(messages, v_deferred) a);
        -- One that waits for its fill may lock no leg.
        PERFORM pms.require_in_scope(a.account)
        FROM unnest(v_amendments) a
        WHERE a.outcome IS NULL;
        v_legs := v_legs || ARRAY(
            SELECT (e.account, e.asset, e.mode, e.leg)::pms.leg_key
            FROM unnest(v_amendments) a
            CROSS JOIN LATERAL pms.entries_of_identity(
                a.account, pms.bare_identity(a.amends)
            ) e
            WHERE a.outcome IS NULL
        ) || pms.legs_to_flag(ARRAY(
            SELECT n.leg
            FROM pms.legs_named_by_amendments(ARRAY(
                SELECT a FROM unnest(v_amendments) a WHERE a.outcome IS NULL
            )) n
        ));
        v_has_rejected := v_has_rejected
            OR EXISTS (SELECT 1 FROM unnest(v_amendments) a WHERE a.outcome = 'rejected');
    END IF;

    IF v_has_rejected THEN
        v_legs := v_legs || pms.legs_of_rejected_events(v_events, v_amendments, messages);
    END IF;

    IF v_has_pending THEN
        v_legs := v_legs || pms.legs_of_pending_amendments(v_legs);
        v_voids_fills := TRUE;
    END IF;

    IF v_voids_fills THEN
        v_legs := pms.with_book_legs(v_legs, TRUE);
    END IF;

    IF v_actions <> '{}' THEN
        v_legs := pms.lock_actions(v_actions, v_legs);
    END IF;

    v_recorded_at := pms.lock_legs(
        v_legs, CASE WHEN v_voids_fills THEN '-infinity' ELSE v_earliest_at END, v_latest_at
    );

    -- With both locks: no period is closed and no close estimated meanwhile.
    SELECT
        EXISTS (SELECT 1 FROM pms.ledger_archives),
        EXISTS (
            SELECT 1
            FROM pms.estimated_closes c
            CROSS JOIN pms.settings s
            WHERE c.reported_at BETWEEN v_earliest_at - s.clock_skew_limit AND v_latest_at
        )
    INTO v_has_archives, v_has_estimates;

    IF v_has_archives THEN
        v_events := pms.refuse_archived(v_events);
    END IF;
    v_events := pms.classify_order_events(v_events);
    IF v_books IS NOT NULL THEN
        v_events := pms.refuse_other_books(v_events);
    END IF;

    SELECT
        array_agg(
            pms.new_entry(
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
                fee => coalesce((e.applied).step_fee, e.fee, 0),
                fee_currency => e.fee_currency,
                amount => e.amount,
                executed_at => coalesce(e.executed_at, v_recorded_at),
                recorded_at => v_recorded_at,
                source => apply_order_events.update_source,
                trace_id => e.trace_id,
                book => e.book
            )
            -- By leg, so that numbering the entries of a leg finds them sorted.
            ORDER BY e.asset, e.account, e.mode, e.leg, e.ordinal
        ) FILTER (WHERE e.outcome IS NULL),
        bool_or(e.fee_currency IS NOT NULL),
        bool_or((e.applied).quantity IS NOT NULL),
        bool_or(NOT e.is_cumulative AND (e.applied).quantity IS NOT NULL),
        bool_or(e.reason = 'identity_conflict'),
        bool_or(e.reason = 'unread_fee'),
        bool_or(e.reason IN ('suspected_repeat', 'same_execution', 'inconsistent_total'))
    INTO
        v_entries, v_has_fee_currencies, v_has_totals, v_has_subsumed, v_has_conflicts,
        v_has_unread, v_has_doubts
    FROM unnest(v_events) e;

    IF v_has_new_books THEN
        PERFORM pms.begin_books(
            ARRAY(
                SELECT pms.book_account(n.account, n.book)
                FROM unnest(v_entries) n
                WHERE n.book IS NOT NULL
            ),
            v_recorded_at
        );
    END IF;

    IF v_deferred IS NOT NULL THEN
        v_amendments := pms.refuse_archived_amendments(v_amendments);
        v_amendments := ARRAY(
            SELECT a
            FROM pms.record_amendments(
                pms.resolve_amendments(v_amendments, v_entries), v_entries, v_recorded_at,
                apply_order_events.update_source
            ) a
        );
        v_has_conflicts := v_has_conflicts
            OR EXISTS (SELECT 1 FROM unnest(v_amendments) a WHERE a.reason = 'identity_conflict');
    END IF;

    IF v_has_estimates THEN
        v_explained := pms.explain_closes(
            v_entries, v_recorded_at, apply_order_events.update_source
        );
    END IF;

    IF (v_voids_fills OR v_has_estimates)
        AND EXISTS (SELECT 1 FROM pms.amendments a WHERE a.applied_at IS NULL) THEN
        SELECT a.corrections, a.voids
        INTO v_corrections, v_voids
        FROM pms.apply_amendments(
            v_entries,
            ARRAY(
                SELECT n.identity FROM unnest(v_entries) n
                UNION ALL
                SELECT m.amends FROM unnest(v_amendments) m
                UNION ALL
                SELECT x FROM unnest(v_explained) x
            ),
            v_recorded_at,
            apply_order_events.update_source
        ) a;
        v_entries := v_entries || v_corrections;
        PERFORM pms.review_pending_amendments(v_amendments, v_legs);
    END IF;

    IF v_has_fee_currencies OR v_corrections <> '{}' THEN
        v_entries := pms.convert_fees(v_entries);
    END IF;

    IF v_actions <> '{}' THEN
        SELECT a.events, a.entries, a.voids
        INTO v_actions, v_entries, v_voids
        FROM pms.apply_corporate_actions(v_actions, v_entries, v_voids, v_recorded_at) a;
    END IF;

    IF cardinality(v_entries) > 0 OR cardinality(v_voids) > 0 THEN
        v_changed := pms.post_entries(v_entries, v_voids);

        IF v_has_unread THEN
            PERFORM pms.flag_unread_fees(v_events);
        END IF;

        IF v_has_fee_currencies OR cardinality(v_voids) > 0 THEN
            PERFORM pms.review_stale_rates(v_entries, v_voids);
        END IF;

        IF v_has_totals OR cardinality(v_voids) > 0 THEN
            v_has_flags := EXISTS (SELECT 1 FROM unnest(v_changed) c WHERE c.needs_review);
        END IF;

        IF v_has_doubts OR v_has_flags THEN
            PERFORM pms.review_totals(v_events, v_voids);
        END IF;

        PERFORM pms.finish_entries(v_changed, apply_order_events.update_source);
    END IF;

    IF v_has_doubts THEN
        PERFORM pms.quarantine_repeats(
            messages, v_events, apply_order_events.update_source, v_recorded_at
        );
    END IF;

    IF v_has_subsumed THEN
        PERFORM pms.record_subsumed_executions(v_events, v_recorded_at);
    END IF;

    IF v_has_conflicts THEN
        PERFORM pms.quarantine_conflicts(messages, v_events, v_amendments, v_recorded_at);
    END IF;

    RETURN QUERY
    SELECT e.ordinal, coalesce(e.outcome, 'applied'), e.reason, e.detail, e.trace_id
    FROM unnest(v_events) e
    WHERE e.outcome IS DISTINCT FROM 'deferred'
    UNION ALL
    SELECT a.ordinal, a.outcome, a.reason, a.detail, a.trace_id
    FROM unnest(v_amendments) a
    UNION ALL
    SELECT a.ordinal, a.outcome, a.reason, a.detail, (a.action).trace_id
    FROM unnest(v_actions) a
    ORDER BY 1;
END
$$;

COMMENT ON FUNCTION pms.apply_order_events IS
$$Apply a batch of order events; one outcome per message, in order

messages: the four shapes of contract.md, section 2, funding, busts, corrections and corporate
actions. One bad message costs its neighbors nothing. Safe to repeat: what was applied before comes
back as duplicate. A message about an account of another shard is misdirected; detail is the number
of that shard. The entry point stands here, right of the ledger, because a change of the ledger is
finished by reconciliation.$$;

GRANT EXECUTE ON FUNCTION pms.apply_order_events TO pms_worker;
