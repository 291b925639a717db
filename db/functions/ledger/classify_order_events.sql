CREATE OR REPLACE FUNCTION pms.content_of_entry(
    asset text,
    leg text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text
)
RETURNS pms.entry_content
LANGUAGE sql
IMMUTABLE
RETURN (
    asset, leg, quantity, price, coalesce(fee, 0),
    -- Zero is zero in any currency.
    CASE WHEN fee <> 0 THEN coalesce(fee_currency, '') ELSE '' END
)::pms.entry_content;

COMMENT ON FUNCTION pms.content_of_entry IS
'What two events of one identity must have in common to be the same event.';

CREATE OR REPLACE FUNCTION pms.conflict_detail(identity text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN identity || ': this identity was applied before with other content';

COMMENT ON FUNCTION pms.conflict_detail IS
'The detail of a message whose identity was applied before with other content.';

-- In PL/pgSQL: few batches need it.
CREATE OR REPLACE FUNCTION pms.identity_of_shared_order(
    identity text,
    account text,
    order_id text,
    quantity numeric,
    asset text,
    created_at timestamptz,
    orders pms.begun_order[]
)
RETURNS text
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN CASE
        WHEN orders IS NULL OR EXISTS (
            SELECT 1
            FROM unnest(orders) o
            WHERE (o.account, o.order_id)
                = (identity_of_shared_order.account, identity_of_shared_order.order_id)
                AND o.asset <> identity_of_shared_order.asset
        )
            THEN pms.order_identity(order_id, quantity, asset, created_at)
        ELSE identity
    END;
END
$$;

COMMENT ON FUNCTION pms.identity_of_shared_order IS
$$The identity of the step to a total of an order whose id another order may have, in another asset

orders: those of the batch, where it is not known that one has; null: it is.$$;

CREATE OR REPLACE FUNCTION pms.walk_order_totals(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(walk_order_totals.events) e
),

-- Events of orders that send totals, now or before: their executions count with them.
walked AS MATERIALIZED (
    SELECT e.*
    FROM event e
    -- A repeat that names the order of an execution is what this order has of it.
    WHERE (e.outcome IS NULL OR e.reason = 'same_execution' AND e.order_id IS NOT NULL)
        AND e.kind = 'trade'
        -- IS TRUE keeps IN from becoming a join (ADR 0002).
        AND (
            ((e.account, e.order_id, e.asset) IN (
                SELECT t.account, t.order_id, t.asset
                FROM event t
                WHERE t.outcome IS NULL AND t.is_cumulative
            )) IS TRUE
            OR EXISTS (
                SELECT 1
                FROM pms.entries_of_order(e.account, e.order_id) o
                -- Written as entries_total_idx has it (ADR 0002).
                WHERE o.scheme = 'o' AND o.asset = e.asset
            )
        )
),

-- As an array: a function is not inlined with a query as its argument.
begun AS MATERIALIZED (
    SELECT
        array_agg((o.ordinal, o.account, o.asset, o.order_id, o.created_at)::pms.begun_order)
        AS orders,
        count(DISTINCT o.order_id) < count(*) AS has_id_twice
    FROM (
        SELECT min(w.ordinal) AS ordinal, w.account, w.asset, w.order_id, w.created_at
        FROM walked w
        GROUP BY w.account, w.asset, w.order_id, w.created_at
    ) o
),

step AS MATERIALIZED (
    SELECT
        w.*,
        pms.fold_order(
            r.progress, w.is_cumulative, concat_ws('/', w.leg, sign(w.quantity)),
            abs(w.quantity), w.price, w.price_scale, w.fee,
            nullif(w.fee_currency, i.settlement_currency), i.allows_negative_price, i.multiplier
        ) OVER (
            PARTITION BY w.account, w.order_id, w.asset, w.created_at ORDER BY w.ordinal
        ) AS progress
    FROM walked w
    LEFT JOIN (
        SELECT r.* FROM begun b CROSS JOIN LATERAL pms.recorded_order_progress(b.orders) r
    ) r ON w.ordinal = r.ordinal
    -- OFFSET 0: looked up, few orders do not read all instruments (ADR 0002).
    CROSS JOIN LATERAL (
        SELECT
            n.settlement_currency, n.allows_negative_price,
            pms.signed_multiplier_at(n, w.executed_at) AS multiplier
        FROM pms.instruments n WHERE n.asset = w.asset OFFSET 0
    ) i
    OFFSET 0
)

SELECT e.*
FROM event e
WHERE (e.ordinal IN (SELECT s.ordinal FROM step s WHERE s.outcome IS NULL)) IS NOT TRUE
UNION ALL
SELECT
    s.ordinal,
    CASE
        WHEN (s.progress).refusal IS NOT NULL THEN 'rejected'
        WHEN (s.progress).step_quantity = 0 THEN 'duplicate'
    END,
    coalesce(
        (s.progress).refusal,
        CASE
            WHEN (s.progress).step_quantity = 0 AND NOT s.is_cumulative THEN 'already_in_total'
            WHEN (s.progress).flaw IS NOT NULL THEN 'inconsistent_total'
        END,
        s.reason
    ),
    coalesce(CASE WHEN s.is_cumulative THEN 'order.' ELSE '' END || (s.progress).flaw, s.detail),
    s.trace_id, s.account, s.asset, s.mode, s.leg, s.kind,
    CASE
        WHEN s.is_cumulative AND (s.progress).is_shared
            OR s.is_cumulative AND (SELECT b.has_id_twice FROM begun b)
            THEN pms.identity_of_shared_order(
                    s.identity, s.account, s.order_id, abs(s.quantity), s.asset, s.created_at,
                    CASE WHEN NOT (s.progress).is_shared THEN (SELECT b.orders FROM begun b) END
                )
        ELSE s.identity
    END,
    s.order_id, s.is_cumulative, s.quantity, s.price, s.fee, s.fee_currency,
    sign(s.quantity) * (s.progress).step_amount,
    s.executed_at, s.created_at, s.price_scale, s.progress, s.book
FROM step s
WHERE s.outcome IS NULL
$$;

COMMENT ON FUNCTION pms.walk_order_totals IS
$$Order events, with the steps of orders that send totals

applied: what the order has applied after the event, and what the event adds; an event that adds
nothing is a duplicate.$$;

CREATE OR REPLACE FUNCTION pms.compare_fill(
    event pms.order_event,
    asset text,
    leg text,
    order_id text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    trace_id text
)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN event.identity NOT LIKE 'execution:%' AND event.identity NOT LIKE 'fill:%'
        THEN CASE
                WHEN pms.content_of_entry(asset, leg, quantity, price, fee, fee_currency)
                    = pms.content_of_entry(
                        event.asset, event.leg, event.quantity, coalesce(event.price, event.amount),
                        event.fee, event.fee_currency
                    )
                    THEN 'duplicate'
                ELSE 'rejected'
            END
    WHEN (asset, leg, sign(quantity)) <> (event.asset, event.leg, sign(event.quantity))
        OR order_id IS DISTINCT FROM event.order_id
        THEN 'unclear'
    WHEN pms.content_of_entry(asset, leg, quantity, price, fee, fee_currency)
        = pms.content_of_entry(
            event.asset, event.leg, event.quantity, event.price, event.fee, event.fee_currency
        )
        THEN CASE
                WHEN event.identity LIKE 'fill:%' AND trace_id IS DISTINCT FROM event.trace_id
                    THEN 'unclear'
                ELSE 'duplicate'
            END
    WHEN order_id IS NULL THEN 'unclear'
    ELSE 'rejected'
END;

COMMENT ON FUNCTION pms.compare_fill IS
$$What an event is beside the entry of its identity: duplicate, rejected (a conflict) or unclear

unclear: another fill may have the same id, see pms.tell_fills_apart.$$;

CREATE OR REPLACE FUNCTION pms.leg_of_former_entry(recorded_at timestamptz, leg text)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT CASE
    WHEN leg_of_former_entry.recorded_at < (
        SELECT c.committed_at FROM sqitch.changes c WHERE c.change = 'ledger/fill_identities'
    )
        THEN leg_of_former_entry.leg
    ELSE 'net'
END
$$;

COMMENT ON FUNCTION pms.leg_of_former_entry IS
$$The leg of a fill that was counted in one-way mode at a moment, as its message is read now

An account has an asset in one mode: releases that could not read position_side have counted such
fills in one-way mode.$$;

-- In PL/pgSQL: few events are rejected.
CREATE OR REPLACE FUNCTION pms.is_applied(event pms.order_event)
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_total CONSTANT numeric := abs(event.quantity);
    v_start CONSTANT timestamptz := CASE
        WHEN event.is_cumulative THEN pms.order_of_event(event, NULL)
    END;
BEGIN
    -- Without a side there is no content to compare.
    RETURN event.reason <> 'invalid_side' AND CASE
        WHEN event.is_cumulative THEN EXISTS (
            SELECT 1
            FROM (
                VALUES
                (event.identity),
                (pms.order_identity(event.order_id, v_total, event.asset, v_start)),
                -- As releases identified it before an order had its created_at.
                (pms.order_identity(event.order_id, v_total, NULL, NULL))
            ) i (identity)
            CROSS JOIN LATERAL pms.find_entry(event.account, i.identity) x
            WHERE (x.asset, x.leg, sign(x.quantity))
                = (event.asset, event.leg, sign(event.quantity))
                AND (
                    pms.order_of_entry(x, ARRAY[event.created_at]) IS NOT DISTINCT FROM v_start
                    -- The same message, of a time that says nothing about its order.
                    OR (
                        pms.order_start(x.identity) IS NULL AND x.executed_at = event.executed_at
                    )
                )
        )
        ELSE EXISTS (
            SELECT 1
            FROM pms.find_entry(event.account, event.identity) x
            WHERE pms.compare_fill(
                event, x.asset, x.leg, x.order_id,
                x.quantity + CASE WHEN x.fee_rate = 0 THEN x.fee_native ELSE 0 END,
                coalesce(x.price, x.amount), coalesce(x.fee_native, x.fee),
                coalesce(x.fee_currency, event.fee_currency), x.trace_id
            ) = 'duplicate'
        )
    END;
END
$$;

COMMENT ON FUNCTION pms.is_applied IS
$$Whether the ledger has an event that would be rejected now

Rules and settings become stricter: what was applied under former ones is a duplicate when it is sent
again, not a rejected message. A total is one where its own order has it, not another under the id.$$;

CREATE OR REPLACE FUNCTION pms.refuse_other_books(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM unnest(events) e WHERE e.outcome = 'duplicate') THEN
        RETURN events;
    END IF;

    RETURN ARRAY(
        SELECT CASE
            WHEN b.is_other THEN (
                e.ordinal, 'rejected', 'identity_conflict', pms.conflict_detail(e.identity),
                e.trace_id, e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id,
                e.is_cumulative, e.quantity, e.price, e.fee, e.fee_currency, e.amount,
                e.executed_at, e.created_at, e.price_scale, e.applied, e.book
            )::pms.order_event
            ELSE e::pms.order_event
        END
        FROM unnest(events) e
        CROSS JOIN LATERAL (
            SELECT bool_and(coalesce(r.book, pms.unassigned_book()) <> e.book)
            FROM (
                -- Of all fills that share the id.
                SELECT b.book
                FROM pms.entries_of_identity(e.account, pms.bare_identity(e.identity)) f
                CROSS JOIN LATERAL unnest(ARRAY[
                    f.book, pms.book_of_fill(e.account, f.identity, f.book)
                ]) b (book)
                UNION ALL
                SELECT o.book
                FROM unnest(events) o
                WHERE (o.account, pms.bare_identity(o.identity))
                    = (e.account, pms.bare_identity(e.identity))
                    AND o.outcome IS NULL
            ) r
            WHERE e.outcome = 'duplicate'
                AND NOT e.is_cumulative
                -- One that was dropped is no fill.
                AND e.reason IS DISTINCT FROM 'suspected_repeat'
        ) b (is_other)
        ORDER BY e.ordinal
    );
END
$$;

COMMENT ON FUNCTION pms.refuse_other_books IS
$$Order events; a duplicate that names another book than the fill that was recorded is a conflict

The book that was reported is no other one, nor is that to which the fill was moved since. One that
names none says nothing about it.$$;

CREATE OR REPLACE FUNCTION pms.classify_order_events(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_events pms.order_event[];
    v_has_totals boolean;
    v_has_unbegun boolean;
    v_is_unclear boolean;
BEGIN
    SELECT
        array_agg((
            c.ordinal,
            CASE WHEN c.is_known THEN 'duplicate' ELSE coalesce(c.outcome, c.verdict) END,
            CASE WHEN c.verdict = 'rejected' THEN 'identity_conflict' ELSE c.reason END,
            CASE WHEN c.verdict = 'rejected' THEN pms.conflict_detail(c.identity) ELSE c.detail END,
            c.trace_id, c.account, c.asset, c.mode, c.leg, c.kind, c.identity, c.order_id,
            c.is_cumulative, c.quantity, c.price, c.fee, c.fee_currency, c.amount, c.executed_at,
            c.created_at, c.price_scale, c.applied, c.book
        )::pms.order_event),
        bool_or(c.outcome IS NULL AND c.sends_totals),
        bool_or(c.created_at IS NULL),
        bool_or(c.verdict = 'unclear')
    INTO v_events, v_has_totals, v_has_unbegun, v_is_unclear
    FROM (
        SELECT
            e.*,
            e.is_cumulative OR (
                e.outcome IS NULL AND e.kind = 'trade'
                -- First whether there are any: the end of entries_total_idx (ADR 0002).
                AND (SELECT max(t.order_key) FROM pms.entries t WHERE t.scheme = 'o') IS NOT NULL
                AND EXISTS (
                    SELECT 1 FROM pms.entries_of_order(e.account, e.order_id) o WHERE o.scheme = 'o'
                )
            ) AS sends_totals,
            CASE WHEN NOT e.is_cumulative AND e.outcome IS NULL THEN coalesce(
                -- The entry of an execution that a total had counted in part is not what was
                -- reported. Looked up only where there are any at all.
                CASE WHEN (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1) THEN (
                    SELECT pms.compare_fill(
                        e, v.asset, v.leg, v.order_id, v.quantity, v.price, v.fee,
                        coalesce(v.fee_currency, e.fee_currency), v.trace_id
                    )
                    FROM pms.subsumed_executions v
                    WHERE v.account = e.account AND v.identity = e.identity
                ) END,
                (
                    SELECT pms.compare_fill(
                        e, x.asset,
                        CASE
                            WHEN x.leg = 'net' THEN pms.leg_of_former_entry(x.recorded_at, e.leg)
                            ELSE x.leg
                        END,
                        x.order_id,
                        x.quantity + CASE WHEN x.fee_rate = 0 THEN x.fee_native ELSE 0 END,
                        coalesce(x.price, x.amount), coalesce(x.fee_native, x.fee),
                        CASE
                            WHEN r.is_redefined
                                OR x.fee_currency IS NULL AND e.fee_currency = r.settlement_currency
                                THEN e.fee_currency
                            ELSE x.fee_currency
                        END,
                        x.trace_id
                    )
                    FROM pms.find_entry(e.account, e.identity) x
                    -- Null is the settlement currency, and was another one once.
                    CROSS JOIN LATERAL (
                        SELECT i.settlement_currency, EXISTS (
                            SELECT 1 FROM pms.former_instruments f WHERE f.asset = x.asset
                        ) AS is_redefined
                        FROM pms.instruments i
                        WHERE i.asset = x.asset
                    ) r
                )
            ) END AS verdict,
            -- AND would ask for all that have no outcome yet.
            CASE WHEN e.outcome = 'rejected' THEN pms.is_applied(e) END AS is_known
        FROM unnest(classify_order_events.events) e
        -- The ledger is looked up once for all columns that read the result (ADR 0002).
        OFFSET 0
    ) c;

    -- A query costs something even where it cannot find anything: one event has no twin.
    IF v_is_unclear OR cardinality(v_events) > 1 THEN
        IF v_is_unclear OR EXISTS (
            SELECT 1
            FROM unnest(v_events) e
            WHERE e.outcome IS NULL AND NOT e.is_cumulative
            GROUP BY e.account, e.identity HAVING count(*) > 1
        ) THEN
            v_events := pms.tell_fills_apart(v_events);
        END IF;
    END IF;

    IF v_has_totals THEN
        IF v_has_unbegun THEN
            v_events := pms.begin_orders(v_events);
        END IF;
        v_events := ARRAY(SELECT w FROM pms.walk_order_totals(v_events) w);
    END IF;

    RETURN v_events;
END
$$;

COMMENT ON FUNCTION pms.classify_order_events IS
$$The outcome of each order event of a batch, given what the ledger holds; null applies it

Call it with the legs locked. An event whose identity came before, in the ledger or in the batch,
with the same content is a duplicate, with other content it is rejected (identity_conflict); for
fills that share an id, see pms.tell_fills_apart. An event of an order that sends totals
becomes the step over what the order has applied so far (applied), and is a duplicate at or below
it. An event that has an outcome already keeps it, unless it is rejected and was applied before.$$;
