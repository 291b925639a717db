-- Deploy position_manager:functions/pms/decide_order_events to pg
-- requires: functions/pms/order_fold
-- requires: migrations/entries
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.decide_order_events(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
-- A generic plan takes an array for ten rows, and would join a thousand with a thousand: what an
-- event has to know of the rest of its batch it asks of a hashed sub-plan (IS TRUE keeps IN from
-- becoming a join) or of a window.
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(decide_order_events.events) e
),

-- Fills of one identity, each measured against the first of them.
twin AS MATERIALIZED (
    SELECT
        s.ordinal,
        (s.asset, s.leg, s.quantity, s.price, coalesce(s.fee, 0)) = (
            first_value(s.asset) OVER same,
            first_value(s.leg) OVER same,
            first_value(s.quantity) OVER same,
            first_value(s.price) OVER same,
            first_value(coalesce(s.fee, 0)) OVER same
        ) AS is_repeat,
        row_number() OVER same AS occurrence
    FROM event s
    WHERE s.outcome IS NULL
        AND NOT s.is_cumulative
        AND (
            (s.account, s.identity) IN (
                SELECT i.account, i.identity
                FROM event i
                WHERE i.outcome IS NULL
                    AND NOT i.is_cumulative
                GROUP BY i.account, i.identity
                HAVING count(*) > 1
            )
        ) IS TRUE
    WINDOW same AS (PARTITION BY s.account, s.identity ORDER BY s.ordinal)
),

compared AS MATERIALIZED (
    SELECT
        e.*,
        CASE
            -- How much of a total is new is for its order to say, below.
            WHEN e.is_cumulative OR e.outcome IS NOT NULL THEN NULL
            ELSE coalesce(
                (
                    SELECT (x.asset, x.leg, x.quantity, x.price, x.fee)
                        = (e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0))
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
            )
        END AS is_repeat
    FROM event e
),

-- Orders that send totals have to be walked through event by event; their executions count among
-- what they have applied.
walked AS (
    SELECT
        c.*,
        concat_ws('/', c.asset, c.leg, sign(c.quantity)) AS party,
        row_number() OVER (PARTITION BY c.account, c.order_id ORDER BY c.ordinal) AS place
    FROM compared c
    WHERE c.outcome IS NULL
        AND c.is_repeat IS NULL
        AND (
            (c.account, c.order_id) IN (
                SELECT t.account, t.order_id
                FROM event t
                WHERE t.outcome IS NULL
                    AND t.is_cumulative
            )
        ) IS TRUE
),

total AS (
    SELECT
        w.*,
        pms.order_fold(
            (o.party, o.quantity, o.cost, o.fee, 0, 0, 0, NULL)::pms.order_applied,
            w.is_cumulative, w.party, abs(w.quantity), w.price, w.fee,
            EXISTS (
                SELECT 1 FROM pms.instruments i WHERE i.asset = w.asset AND i.allows_negative_price
            )
        ) OVER (PARTITION BY w.account, w.order_id ORDER BY w.ordinal) AS applied
    FROM walked w
    CROSS JOIN LATERAL (
        SELECT
            max(concat_ws('/', n.asset, n.leg, sign(n.quantity))) AS party,
            coalesce(sum(abs(n.quantity)), 0) AS quantity,
            coalesce(sum(abs(n.quantity) * n.price), 0) AS cost,
            coalesce(sum(n.fee), 0) AS fee
        FROM pms.entries n
        -- Asked once for an order, where the walk begins; written as entries_order_idx has it.
        WHERE w.place = 1
            AND n.account || '/' || n.order_id = w.account || '/' || w.order_id
            AND n.kind = 'trade'
    ) o
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.outcome
        WHEN c.is_repeat THEN 'duplicate'
        WHEN NOT c.is_repeat THEN 'rejected'
        ELSE 'applied'
    END,
    CASE WHEN NOT c.is_repeat THEN 'identity_conflict' ELSE c.reason END,
    CASE
        WHEN NOT c.is_repeat
            THEN c.identity || ': this identity was applied before with other content'
        ELSE c.detail
    END,
    c.trace_id,
    c.account,
    c.asset,
    c.mode,
    c.leg,
    c.identity,
    c.order_id,
    c.is_cumulative,
    c.quantity,
    c.price,
    coalesce(c.fee, 0),
    c.fee_currency,
    c.executed_at
FROM compared c
WHERE NOT c.is_cumulative
    OR c.outcome IS NOT NULL
UNION ALL
SELECT
    t.ordinal,
    CASE
        WHEN (t.applied).refusal IS NOT NULL THEN 'rejected'
        WHEN (t.applied).step_quantity = 0 THEN 'duplicate'
        ELSE 'applied'
    END,
    (t.applied).refusal,
    CASE (t.applied).refusal
        WHEN 'order_conflict'
            THEN 'order.order_id: this order has fills of another asset, leg or side'
        WHEN 'inconsistent_total'
            THEN 'order.average_price: implies an impossible price for what is new: '
                || (t.applied).step_price
    END,
    t.trace_id,
    t.account,
    t.asset,
    t.mode,
    t.leg,
    t.identity,
    t.order_id,
    t.is_cumulative,
    sign(t.quantity) * (t.applied).step_quantity,
    (t.applied).step_price,
    (t.applied).step_fee,
    t.fee_currency,
    t.executed_at
FROM total t
WHERE t.is_cumulative
$$;

COMMENT ON FUNCTION pms.decide_order_events IS
$$What each order event of a batch does, given what the ledger holds

Call it with the legs locked. The same identity with the same content is a duplicate, with
other content it is rejected (identity_conflict). A cumulative event becomes the step over what
its order has applied so far; at or below it, it is a duplicate. What already has an outcome
keeps it.$$;

COMMIT;
