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
WITH event AS (
    SELECT
        e.*,
        -- Orders that send totals have to be walked through event by event.
        (e.account, e.order_id) IN (
            SELECT t.account, t.order_id
            FROM unnest(decide_order_events.events) t
            WHERE t.is_cumulative
        ) AS is_totalled,
        e.ordinal IN (
            SELECT r.ordinal
            FROM (
                SELECT
                    u.ordinal,
                    row_number() OVER (PARTITION BY u.account, u.identity ORDER BY u.ordinal)
                        AS occurrence
                FROM unnest(decide_order_events.events) u
                WHERE u.outcome IS NULL
            ) r
            WHERE r.occurrence > 1
        ) AS is_repeated
    FROM unnest(decide_order_events.events) e
    WHERE e.outcome IS NULL
),

compared AS MATERIALIZED (
    SELECT
        e.*,
        CASE
            -- How much of a total is new is for its order to say, below.
            WHEN e.is_cumulative THEN NULL
            WHEN x.id IS NOT NULL
                THEN (x.asset, x.leg, x.quantity, x.price, x.fee)
                    = (e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0))
            -- A repeat inside the batch is measured against the first of its identity.
            WHEN e.is_repeated THEN (
                SELECT (f.asset, f.leg, f.quantity, f.price, coalesce(f.fee, 0))
                    = (e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0))
                FROM unnest(decide_order_events.events) f
                WHERE f.account = e.account
                    AND f.identity = e.identity
                    AND f.outcome IS NULL
                ORDER BY f.ordinal
                LIMIT 1
            )
        END AS is_repeat
    FROM event e
    LEFT JOIN pms.entries x ON e.account = x.account AND e.identity = x.identity
),

-- The executions of an order that sends totals count among what it has applied.
stepped AS (
    SELECT
        c.*,
        pms.order_fold(
            (o.quantity, o.cost, o.fee, 0, 0, 0)::pms.order_applied,
            c.is_cumulative, abs(c.quantity), c.price, c.fee
        ) OVER (PARTITION BY c.account, c.order_id ORDER BY c.ordinal) AS applied
    FROM compared c
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(abs(n.quantity)), 0) AS quantity,
            coalesce(sum(abs(n.quantity) * n.price), 0) AS cost,
            coalesce(sum(n.fee), 0) AS fee
        FROM pms.entries n
        WHERE n.account = c.account
            AND n.order_id = c.order_id
            AND n.kind = 'trade'
    ) o
    WHERE c.is_totalled
        AND c.is_repeat IS NULL
),

total AS (
    SELECT
        t.*,
        (t.applied).step_quantity,
        (t.applied).step_price,
        (t.applied).step_fee,
        CASE
            WHEN (t.applied).step_quantity = 0 THEN 'duplicate'
            WHEN (t.applied).step_price >= 1e20
                OR (
                    (t.applied).step_price <= 0
                    AND NOT EXISTS (
                        SELECT 1
                        FROM pms.instruments i
                        WHERE i.asset = t.asset AND i.allows_negative_price
                    )
                )
                THEN 'rejected'
            ELSE 'applied'
        END AS verdict
    FROM stepped t
    WHERE t.is_cumulative
)

SELECT
    c.ordinal,
    CASE WHEN c.is_repeat THEN 'duplicate' WHEN NOT c.is_repeat THEN 'rejected' ELSE 'applied' END,
    CASE WHEN NOT c.is_repeat THEN 'identity_conflict' END,
    CASE
        WHEN NOT c.is_repeat
            THEN c.identity || ': this identity was applied before with other content'
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
UNION ALL
SELECT
    t.ordinal,
    t.verdict,
    CASE WHEN t.verdict = 'rejected' THEN 'inconsistent_total' END,
    CASE
        WHEN t.verdict = 'rejected'
            THEN 'order.average_price: implies an impossible price for what is new: '
                || t.step_price
    END,
    t.trace_id,
    t.account,
    t.asset,
    t.mode,
    t.leg,
    t.identity,
    t.order_id,
    t.is_cumulative,
    sign(t.quantity) * t.step_quantity,
    t.step_price,
    t.step_fee,
    t.fee_currency,
    t.executed_at
FROM total t
$$;

COMMENT ON FUNCTION pms.decide_order_events IS
$$What each order event of a batch does, given what the ledger holds

Call it with the legs locked. The same identity with the same content is a duplicate, with
other content it is rejected (identity_conflict). A cumulative event becomes the step over what
its order has applied so far; at or below it, it is a duplicate.$$;

COMMIT;
