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

CREATE OR REPLACE FUNCTION pms.classify_twins(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
SELECT
    e.ordinal,
    CASE
        WHEN NOT e.is_twin OR e.place = 1 THEN e.outcome
        WHEN e.is_repeat THEN 'duplicate'
        ELSE 'rejected'
    END,
    CASE WHEN e.is_twin AND NOT e.is_repeat THEN 'identity_conflict' ELSE e.reason END,
    CASE
        WHEN e.is_twin AND NOT e.is_repeat THEN pms.conflict_detail(e.identity)
        ELSE e.detail
    END,
    e.trace_id, e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id,
    e.is_cumulative, e.quantity, e.price, e.fee, e.fee_currency, e.amount, e.executed_at, e.applied
FROM (
    SELECT
        c.*,
        c.outcome IS NULL AND NOT c.is_cumulative AS is_twin,
        row_number() OVER same AS place,
        c.content = first_value(c.content) OVER same AS is_repeat
    FROM (
        SELECT
            u.*,
            pms.content_of_entry(
                u.asset, u.leg, u.quantity, coalesce(u.price, u.amount), u.fee, u.fee_currency
            ) AS content
        FROM unnest(classify_twins.events) u
        -- Computed once for each column that reads it (ADR 0002).
        OFFSET 0
    ) c
    WINDOW same AS (
        PARTITION BY c.outcome IS NULL AND NOT c.is_cumulative, c.account, c.identity
        ORDER BY c.ordinal
    )
    -- As above.
    OFFSET 0
) e
$$;

COMMENT ON FUNCTION pms.classify_twins IS
$$Order events, those judged whose identity came before in the batch

An event is compared with the first one of its identity. Call it with events that the ledger does
not hold.$$;

CREATE OR REPLACE FUNCTION pms.walk_order_totals(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(walk_order_totals.events) e
),

-- The events of orders that send totals, now or before. Executions count among what such an order
-- has applied.
walked AS (
    SELECT
        e.*,
        concat_ws('/', e.asset, e.leg, sign(e.quantity)) AS party,
        row_number() OVER (PARTITION BY e.account, e.order_id ORDER BY e.ordinal) AS place
    FROM event e
    WHERE e.outcome IS NULL
        AND e.kind = 'trade'
        AND (
            -- IS TRUE keeps IN from becoming a join (ADR 0002).
            (
                (e.account, e.order_id) IN (
                    SELECT t.account, t.order_id
                    FROM event t
                    WHERE t.outcome IS NULL
                        AND t.is_cumulative
                )
            ) IS TRUE
            OR EXISTS (
                SELECT 1
                FROM pms.entries_of_order(e.account, e.order_id) o
                -- Written as entries_total_idx has it (ADR 0002).
                WHERE o.scheme = 'o'
            )
        )
),

step AS MATERIALIZED (
    SELECT
        w.*,
        pms.fold_order(
            b, w.is_cumulative, w.party, abs(w.quantity), w.price, w.fee,
            EXISTS (
                SELECT 1 FROM pms.instruments i WHERE i.asset = w.asset AND i.allows_negative_price
            )
        ) OVER (PARTITION BY w.account, w.order_id ORDER BY w.ordinal) AS progress
    FROM walked w
    -- Read where the walk of an order begins.
    CROSS JOIN LATERAL pms.recorded_order_progress(
        CASE WHEN w.place = 1 THEN w.account END, w.order_id
    ) b
    OFFSET 0
)

SELECT e.*
FROM event e
WHERE (e.ordinal IN (SELECT s.ordinal FROM step s)) IS NOT TRUE
UNION ALL
SELECT
    s.ordinal,
    CASE
        WHEN (s.progress).refusal IS NOT NULL THEN 'rejected'
        WHEN (s.progress).step_quantity = 0 THEN 'duplicate'
    END,
    CASE
        WHEN (s.progress).refusal IS NOT NULL THEN (s.progress).refusal
        WHEN (s.progress).step_quantity = 0 AND NOT s.is_cumulative THEN 'already_in_total'
        ELSE s.reason
    END,
    CASE (s.progress).refusal
        WHEN 'order_conflict'
            THEN CASE WHEN s.is_cumulative THEN 'order.' ELSE '' END
                || 'order_id: this order has fills of another asset, leg or side'
        WHEN 'inconsistent_total'
            THEN 'order.average_price: implies an impossible price for the new part: '
                || (s.progress).step_price
        ELSE s.detail
    END,
    s.trace_id, s.account, s.asset, s.mode, s.leg, s.kind, s.identity, s.order_id,
    s.is_cumulative, s.quantity, s.price, s.fee, s.fee_currency, s.amount, s.executed_at,
    s.progress
FROM step s
$$;

COMMENT ON FUNCTION pms.walk_order_totals IS
$$Order events, with the steps of orders that send totals

applied: what the order has applied after the event, and what the event adds; an event that adds
nothing is a duplicate.$$;

CREATE OR REPLACE FUNCTION pms.classify_order_events(events pms.order_event[])
RETURNS pms.order_event[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_events pms.order_event[];
    v_has_totals boolean;
BEGIN
    SELECT
        array_agg((
            c.ordinal,
            CASE
                WHEN c.is_repeat THEN 'duplicate'
                WHEN NOT c.is_repeat THEN 'rejected'
                ELSE c.outcome
            END,
            CASE WHEN NOT c.is_repeat THEN 'identity_conflict' ELSE c.reason END,
            CASE WHEN NOT c.is_repeat THEN pms.conflict_detail(c.identity) ELSE c.detail END,
            c.trace_id, c.account, c.asset, c.mode, c.leg, c.kind, c.identity, c.order_id,
            c.is_cumulative, c.quantity, c.price, c.fee, c.fee_currency, c.amount, c.executed_at,
            c.applied
        )::pms.order_event),
        bool_or(c.outcome IS NULL AND c.is_repeat IS NULL AND c.sends_totals)
    INTO v_events, v_has_totals
    FROM (
        SELECT
            e.*,
            e.is_cumulative OR (
                e.outcome IS NULL AND e.kind = 'trade' AND EXISTS (
                    SELECT 1
                    FROM pms.entries_of_order(e.account, e.order_id) o
                    -- Written as entries_total_idx has it (ADR 0002).
                    WHERE o.scheme = 'o'
                )
            ) AS sends_totals,
            CASE WHEN NOT e.is_cumulative AND e.outcome IS NULL THEN coalesce(
                -- The entry of an execution that a total had counted in part is not what was
                -- reported. Looked up only where there are any at all.
                CASE WHEN (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1) THEN (
                    SELECT
                        pms.content_of_entry(v.asset, v.leg, v.quantity, v.price, v.fee, NULL)
                        = pms.content_of_entry(e.asset, e.leg, e.quantity, e.price, e.fee, NULL)
                    FROM pms.subsumed_executions v
                    WHERE v.account = e.account
                        AND v.identity = e.identity
                ) END,
                (
                    SELECT
                        pms.content_of_entry(
                            x.asset, x.leg,
                            x.quantity + CASE WHEN x.fee_rate = 0 THEN x.fee_native ELSE 0 END,
                            coalesce(x.price, x.amount), coalesce(x.fee_native, x.fee),
                            CASE
                                WHEN r.is_redefined THEN e.fee_currency
                                ELSE x.fee_currency
                            END
                        )
                        = pms.content_of_entry(
                            e.asset, e.leg, e.quantity, coalesce(e.price, e.amount), e.fee,
                            e.fee_currency
                        )
                    FROM pms.find_entry(e.account, e.identity) x
                    -- Null was another settlement currency once.
                    CROSS JOIN LATERAL (
                        SELECT EXISTS (
                            SELECT 1 FROM pms.former_instruments f WHERE f.asset = x.asset
                        ) AS is_redefined
                    ) r
                )
            ) END AS is_repeat
        FROM unnest(classify_order_events.events) e
        -- The ledger is looked up once for all columns that read the result (ADR 0002).
        OFFSET 0
    ) c;

    -- A query costs something even where it cannot find anything: one event has no twin.
    IF cardinality(v_events) > 1 THEN
        IF EXISTS (
            SELECT 1
            FROM unnest(v_events) e
            WHERE e.outcome IS NULL
                AND NOT e.is_cumulative
            GROUP BY e.account, e.identity
            HAVING count(*) > 1
        ) THEN
            v_events := ARRAY(SELECT t FROM pms.classify_twins(v_events) t);
        END IF;
    END IF;

    IF v_has_totals THEN
        v_events := ARRAY(SELECT w FROM pms.walk_order_totals(v_events) w);
    END IF;

    RETURN v_events;
END
$$;

COMMENT ON FUNCTION pms.classify_order_events IS
$$The outcome of each order event of a batch, given what the ledger holds; null applies it

Call it with the legs locked. An event whose identity came before, in the ledger or in the batch,
with the same content is a duplicate, with other content it is rejected (identity_conflict); an
event of an order that sends totals becomes the step over what the order has applied so far
(applied), and is a duplicate at or below it. An event that has an outcome already keeps it.$$;
