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

CREATE OR REPLACE FUNCTION pms.classify_repeats(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
-- Events look up the rest of their batch in hashed subplans: IS TRUE keeps IN from becoming a join
-- (ADR 0002).
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(classify_repeats.events) e
),

-- Events of one identity, each compared with the first of them.
twin AS MATERIALIZED (
    SELECT
        s.ordinal,
        s.content = first_value(s.content) OVER same AS is_repeat,
        row_number() OVER same AS occurrence
    FROM (
        SELECT
            e.ordinal,
            e.account,
            e.identity,
            pms.content_of_entry(
                e.asset, e.leg, e.quantity, coalesce(e.price, e.amount), e.fee, e.fee_currency
            ) AS content
        FROM event e
        WHERE e.outcome IS NULL
            AND NOT e.is_cumulative
            AND (
                (e.account, e.identity) IN (
                    SELECT i.account, i.identity
                    FROM event i
                    WHERE i.outcome IS NULL
                        AND NOT i.is_cumulative
                    GROUP BY i.account, i.identity
                    HAVING count(*) > 1
                )
            ) IS TRUE
    ) s
    WINDOW same AS (PARTITION BY s.account, s.identity ORDER BY s.ordinal)
),

compared AS (
    SELECT
        e.*,
        CASE WHEN NOT e.is_cumulative AND e.outcome IS NULL THEN coalesce(
            -- The entry of an execution that a total had counted in part is not what was reported.
            -- Looked up only where there are any at all.
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
                        coalesce(x.price, x.amount), coalesce(x.fee_native, x.fee), x.fee_currency
                    )
                    = pms.content_of_entry(
                        e.asset, e.leg, e.quantity, coalesce(e.price, e.amount), e.fee,
                        e.fee_currency
                    )
                FROM pms.entries x
                WHERE x.account = e.account
                    AND x.identity = e.identity
            ),
            CASE
                WHEN e.ordinal IN (
                    SELECT t.ordinal FROM twin t WHERE t.occurrence > 1 AND t.is_repeat
                )
                    THEN TRUE
                WHEN e.ordinal IN (
                    SELECT t.ordinal FROM twin t WHERE t.occurrence > 1 AND NOT t.is_repeat
                )
                    THEN FALSE
            END
        ) END AS is_repeat
    FROM event e
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.is_repeat THEN 'duplicate' WHEN NOT c.is_repeat THEN 'rejected' ELSE c.outcome END,
    CASE WHEN NOT c.is_repeat THEN 'identity_conflict' ELSE c.reason END,
    CASE
        WHEN NOT c.is_repeat
            THEN c.identity || ': this identity was applied before with other content'
        ELSE c.detail
    END,
    c.trace_id, c.account, c.asset, c.mode, c.leg, c.kind, c.identity, c.order_id,
    c.is_cumulative, c.quantity, c.price, c.fee, c.fee_currency, c.amount, c.executed_at, c.applied
FROM compared c
$$;

COMMENT ON FUNCTION pms.classify_repeats IS
$$Order events, those judged whose identity came before, in the ledger or in the batch

With the same content it is a duplicate, with other content it is rejected (identity_conflict).
Totals are left alone: their order decides how much of them is new.$$;

CREATE OR REPLACE FUNCTION pms.walk_order_totals(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
WITH event AS MATERIALIZED (
    SELECT e.* FROM pms.classify_repeats(walk_order_totals.events) e
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
                FROM pms.entries o
                -- Written as entries_total_idx has it (ADR 0002).
                WHERE o.account || '/' || o.order_id = e.account || '/' || e.order_id
                    AND o.identity LIKE 'order:%'
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
    s.ordinal, s.outcome, s.reason, s.detail, s.trace_id, s.account, s.asset, s.mode, s.leg,
    s.kind, s.identity, s.order_id, s.is_cumulative, s.quantity, s.price, s.fee, s.fee_currency,
    s.amount, s.executed_at, s.progress
FROM step s
$$;

COMMENT ON FUNCTION pms.walk_order_totals IS
$$Order events as pms.classify_repeats leaves them, with the steps of orders that send totals

applied: what the order has applied after the event, and what the event adds.$$;

CREATE OR REPLACE FUNCTION pms.classify_order_events(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
SELECT
    e.ordinal,
    CASE
        WHEN e.outcome IS NOT NULL THEN e.outcome
        WHEN (e.applied).refusal IS NOT NULL THEN 'rejected'
        WHEN (e.applied).step_quantity = 0 THEN 'duplicate'
        ELSE 'applied'
    END,
    CASE
        WHEN (e.applied).refusal IS NOT NULL THEN (e.applied).refusal
        WHEN (e.applied).step_quantity = 0 AND NOT e.is_cumulative THEN 'already_in_total'
        ELSE e.reason
    END,
    CASE (e.applied).refusal
        WHEN 'order_conflict'
            THEN CASE WHEN e.is_cumulative THEN 'order.' ELSE '' END
                || 'order_id: this order has fills of another asset, leg or side'
        WHEN 'inconsistent_total'
            THEN 'order.average_price: implies an impossible price for the new part: '
                || (e.applied).step_price
        ELSE e.detail
    END,
    e.trace_id, e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id,
    e.is_cumulative, e.quantity, e.price, coalesce(e.fee, 0), e.fee_currency, e.amount,
    e.executed_at, e.applied
FROM pms.walk_order_totals(classify_order_events.events) e
$$;

COMMENT ON FUNCTION pms.classify_order_events IS
$$The outcome of each order event of a batch, given what the ledger holds

Call it with the legs locked. A repeat is a duplicate or a conflict; an event of an order that sends
totals becomes the step over what the order has applied so far (applied), and is a duplicate at or
below it. An event that has an outcome already keeps it.$$;
