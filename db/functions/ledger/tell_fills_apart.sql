CREATE OR REPLACE FUNCTION pms.fills_of_identity(account text, identity text)
RETURNS SETOF pms.fill_candidate
LANGUAGE sql
STABLE
AS $$
SELECT
    f.identity, f.asset, f.leg, f.quantity,
    -- As it was reported.
    coalesce(v.order_id, o.order_id, f.order_id),
    CASE
        WHEN v.identity IS NOT NULL
            THEN pms.content_of_entry(v.asset, v.leg, v.quantity, v.price, v.fee, v.fee_currency)
        ELSE f.content
    END,
    f.trace_id,
    f.order_id IS NULL AND o.order_id IS NULL AND v.identity IS NULL
FROM (
    SELECT
        e.id, e.identity, e.asset, e.leg, e.quantity, e.order_id, e.trace_id,
        pms.content_of_entry(
            e.asset, e.leg,
            e.quantity + CASE WHEN e.fee_rate = 0 THEN e.fee_native ELSE 0 END,
            e.price, coalesce(e.fee_native, e.fee), e.fee_currency
        ) AS content
    FROM pms.entries_of_identity(fills_of_identity.account, fills_of_identity.identity) e
    UNION ALL
    -- All of it was counted by a total: the ledger has no entry.
    SELECT NULL, s.identity, s.asset, s.leg, s.quantity, s.order_id, s.trace_id, NULL
    FROM (
        SELECT a.*
        FROM pms.subsumed_executions a
        WHERE a.account = fills_of_identity.account
            AND a.identity = fills_of_identity.identity
        UNION ALL
        SELECT a.*
        FROM pms.subsumed_executions a
        WHERE a.account = fills_of_identity.account
            AND a.identity LIKE 'match:%'
            AND substr(a.identity, 24) = fills_of_identity.identity
    ) s
    WHERE s.counted_quantity = 0
) f
LEFT JOIN pms.execution_orders o
    ON o.account = fills_of_identity.account AND f.id = o.entry_id
LEFT JOIN pms.subsumed_executions v
    ON v.account = fills_of_identity.account AND f.identity = v.identity
$$;

COMMENT ON FUNCTION pms.fills_of_identity IS
$$The fills that share an id, as they were reported

identity: the bare one, see pms.qualified_identity.$$;

CREATE OR REPLACE FUNCTION pms.judge_suspect(
    event pms.order_event,
    content pms.entry_content,
    free text
)
RETURNS pms.order_event
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    suspect pms.suspected_repeats;
BEGIN
    SELECT s.*
    INTO suspect
    FROM pms.suspected_repeats s
    WHERE s.account = event.account
        AND s.identity = event.identity;

    IF suspect.id IS NOT NULL
        AND content <> pms.content_of_entry(
            suspect.asset, suspect.leg, suspect.quantity, suspect.price, suspect.fee,
            suspect.fee_currency
        )
    THEN
        event.outcome := 'rejected';
        event.reason := 'identity_conflict';
        event.detail := pms.conflict_detail(pms.bare_identity(event.identity));
    ELSIF suspect.status = 'counted' THEN
        event.outcome := NULL;
    ELSIF suspect.status = 'dropped' THEN
        event.outcome := 'duplicate';
        event.reason := 'suspected_repeat';
        event.detail := pms.bare_identity(event.identity) || ': dropped before as a repeat';
    ELSE
        event.reason := 'suspected_repeat';
        event.detail := pms.bare_identity(event.identity) || CASE
            WHEN pms.bare_identity(event.identity) LIKE 'fill:%'
                THEN ': an equal fill came in another message'
            WHEN free IS NOT NULL
                THEN ': counts without its order id, and in a total of its order; bust ' || free
                    || ', then count this'
            ELSE ': fills with and without an order id have this execution id'
        END;
    END IF;

    RETURN event;
END
$$;

COMMENT ON FUNCTION pms.judge_suspect IS
$$The outcome of a fill that may be a repeat: that of a decision about it, else it waits

Its identity is the one that it has when it is counted. free: the identity of the same execution
without its order id, where a total of the order may have counted it as well.$$;

CREATE OR REPLACE FUNCTION pms.judge_fill(
    event pms.order_event,
    candidates pms.fill_candidate[],
    has_total boolean
)
RETURNS pms.order_event
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_is_nameless CONSTANT boolean := event.identity LIKE 'fill:%';
    v_content CONSTANT pms.entry_content := pms.content_of_entry(
        event.asset, event.leg, event.quantity, coalesce(event.price, event.amount), event.fee,
        event.fee_currency
    );
    fits record;
    v_identity text;
BEGIN
    IF NOT v_is_nameless AND event.identity NOT LIKE 'execution:%' THEN
        IF cardinality(candidates) = 0 THEN
            RETURN event;
        ELSIF candidates[1].content = v_content THEN
            event.outcome := 'duplicate';
        ELSE
            event.outcome := 'rejected';
            event.reason := 'identity_conflict';
            event.detail := pms.conflict_detail(event.identity);
        END IF;
        RETURN event;
    END IF;

    SELECT
        count(*) AS fills,
        count(*) FILTER (WHERE c.order_id IS NOT DISTINCT FROM event.order_id) AS same,
        bool_or(c.content = v_content AND c.order_id IS NOT DISTINCT FROM event.order_id)
        AS is_same,
        bool_or(c.content = v_content AND c.trace_id IS NOT DISTINCT FROM event.trace_id)
        AS is_traced,
        count(*) FILTER (WHERE c.content = v_content) AS equal,
        min(c.identity) FILTER (WHERE c.is_free AND c.content = v_content) AS free,
        count(*) FILTER (WHERE c.is_free) AS all_free,
        min(c.identity) FILTER (WHERE c.order_id IS NOT DISTINCT FROM event.order_id) AS contradicted
    INTO fits
    FROM unnest(candidates) c
    WHERE (c.asset, c.leg, sign(c.quantity)) = (event.asset, event.leg, sign(event.quantity));

    event.outcome := CASE
        WHEN v_is_nameless
            THEN CASE
                WHEN fits.is_traced THEN 'duplicate'
                WHEN fits.is_same THEN 'quarantined'
                WHEN fits.same > 0 THEN 'rejected'
            END
        WHEN fits.is_same THEN 'duplicate'
        WHEN event.order_id IS NULL
            THEN CASE
                WHEN fits.equal = 1 THEN 'duplicate'
                WHEN fits.equal = 0 AND fits.same > 0 THEN 'rejected'
                WHEN fits.fills > 0 THEN 'quarantined'
            END
        WHEN fits.same > 0 THEN 'rejected'
        WHEN fits.free IS NOT NULL
            THEN CASE
                -- The total counts the execution as well, for nothing said that it was of this order.
                WHEN judge_fill.has_total OR EXISTS (
                    SELECT 1
                    FROM pms.entries_of_order(event.account, event.order_id) o
                    WHERE o.scheme = 'o'
                        AND o.asset = event.asset
                )
                    THEN 'quarantined'
                ELSE 'duplicate'
            END
        WHEN fits.all_free > 0 THEN 'quarantined'
    END;

    v_identity := pms.qualified_identity(
        event.identity, event.asset, event.leg, event.quantity, event.order_id,
        CASE WHEN v_is_nameless AND event.outcome = 'quarantined' THEN event.trace_id END
    );

    CASE event.outcome
        WHEN 'rejected' THEN
            event.identity := fits.contradicted;
            event.reason := 'identity_conflict';
            event.detail := pms.conflict_detail(event.identity);
        WHEN 'duplicate' THEN
            IF NOT fits.is_same THEN
                event.reason := 'same_execution';
                event.detail := coalesce(fits.free, event.identity);
            END IF;
        WHEN 'quarantined' THEN
            event.identity := v_identity;
            event := pms.judge_suspect(event, v_content, fits.free);
        ELSE
            IF cardinality(candidates) > 0 THEN
                event.identity := v_identity;
            END IF;
    END CASE;

    RETURN event;
END
$$;

COMMENT ON FUNCTION pms.judge_fill IS
$$The outcome of a fill, given all fills that share its id

A fill is its id, asset, leg, side and order id. One without an order id equals the one with the same
content under its key, and the reverse. Where several fit, or the contents differ, or two equal fills
without ids came in two messages, it may be a repeat or not: quarantined. One that is new under a
known id has a qualified identity; one that contradicts a fill has the identity of that. has_total:
a total of its order came before it in the batch.$$;

CREATE OR REPLACE FUNCTION pms.tell_fills_apart(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    event pms.order_event;
    judged pms.order_event;
    candidates pms.fill_candidate[];
    v_account text;
    v_identity text;
    v_judged pms.order_event[] := ARRAY[]::pms.order_event[];
BEGIN
    FOR event IN
        SELECT (u.twin).*
        FROM (
            SELECT
                e AS twin,
                e.outcome,
                count(*) OVER (
                    PARTITION BY e.account, e.identity, coalesce(e.outcome, 'unclear') = 'unclear'
                ) AS twins
            FROM unnest(events) e
            WHERE NOT e.is_cumulative
        ) u
        WHERE u.outcome = 'unclear'
            OR (u.outcome IS NULL AND u.twins > 1)
        ORDER BY (u.twin).account, (u.twin).identity, (u.twin).ordinal
    LOOP
        IF (event.account, event.identity) IS DISTINCT FROM (v_account, v_identity) THEN
            v_account := event.account;
            v_identity := event.identity;
            candidates := ARRAY(
                SELECT f
                FROM pms.fills_of_identity(event.account, event.identity) f
            );
        END IF;

        judged := pms.judge_fill(event, candidates, EXISTS (
            SELECT 1
            FROM unnest(events) t
            WHERE t.is_cumulative
                AND t.outcome IS NULL
                AND t.ordinal < event.ordinal
                AND (t.account, t.asset, t.order_id) = (event.account, event.asset, event.order_id)
        ));
        v_judged := v_judged || judged;

        IF judged.outcome IS NULL THEN
            candidates := candidates || (
                judged.identity, event.asset, event.leg, event.quantity, event.order_id,
                pms.content_of_entry(
                    event.asset, event.leg, event.quantity, coalesce(event.price, event.amount),
                    event.fee, event.fee_currency
                ),
                event.trace_id, event.order_id IS NULL
            )::pms.fill_candidate;
        ELSIF judged.reason = 'same_execution' AND event.order_id IS NOT NULL THEN
            candidates := ARRAY(
                SELECT CASE
                    WHEN c.identity = judged.detail
                        THEN (
                            c.identity, c.asset, c.leg, c.quantity, event.order_id, c.content,
                            c.trace_id, FALSE
                        )::pms.fill_candidate
                    ELSE c
                END
                FROM unnest(candidates) c
            );
        END IF;
    END LOOP;

    RETURN ARRAY(
        SELECT CASE WHEN j.ordinal IS NULL THEN e ELSE j END
        FROM unnest(events) e
        LEFT JOIN unnest(v_judged) j ON e.ordinal = j.ordinal
        ORDER BY e.ordinal
    );
END
$$;

COMMENT ON FUNCTION pms.tell_fills_apart IS
$$Order events, those judged whose id other fills have, in the ledger or in the batch

An event is compared with those of the ledger and with those that came before it in the batch.$$;
