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

-- Fills of one identity, each measured against the first of them.
WITH twin AS MATERIALIZED (
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
    FROM unnest(decide_order_events.events) s
    WHERE s.outcome IS NULL
        AND (
            (s.account, s.identity) IN (
                SELECT i.account, i.identity
                FROM unnest(decide_order_events.events) i
                WHERE i.outcome IS NULL
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
            WHEN e.is_cumulative THEN NULL
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
    FROM unnest(decide_order_events.events) e
    WHERE e.outcome IS NULL
),

-- The executions of an order that sends totals count among what it has applied.
stepped AS (
    SELECT
        c.*,
        pms.order_fold(
            (o.quantity, o.cost, o.fee, 0, 0, 0)::pms.order_applied,
            c.is_cumulative, abs(c.quantity), c.price, c.fee
        ) OVER (PARTITION BY c.account, c.order_id ORDER BY c.ordinal) AS applied,
        o.is_of_another
    FROM compared c
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(abs(n.quantity)), 0) AS quantity,
            coalesce(sum(abs(n.quantity) * n.price), 0) AS cost,
            coalesce(sum(n.fee), 0) AS fee,
            coalesce(
                bool_or((n.asset, n.leg, sign(n.quantity)) <> (c.asset, c.leg, sign(c.quantity))),
                FALSE
            ) AS is_of_another
        FROM pms.entries n
        -- As entries_order_idx has it.
        WHERE n.account || '/' || n.order_id = c.account || '/' || c.order_id
            AND n.kind = 'trade'
    ) o
    WHERE c.is_repeat IS NULL
        -- Orders that send totals have to be walked through event by event.
        AND (
            (c.account, c.order_id) IN (
                SELECT t.account, t.order_id
                FROM unnest(decide_order_events.events) t
                WHERE t.outcome IS NULL
                    AND t.is_cumulative
            )
        ) IS TRUE
),

total AS (
    SELECT
        t.*,
        (t.applied).step_quantity,
        (t.applied).step_price,
        (t.applied).step_fee,
        CASE
            WHEN t.is_of_another THEN 'rejected'
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
    OFFSET 0
)

SELECT r.*
FROM unnest(decide_order_events.events) r
WHERE r.outcome IS NOT NULL
UNION ALL
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
    CASE
        WHEN t.verdict = 'rejected' AND t.is_of_another THEN 'order_conflict'
        WHEN t.verdict = 'rejected' THEN 'inconsistent_total'
    END,
    CASE
        WHEN t.verdict = 'rejected' AND t.is_of_another
            THEN 'order.order_id: this order has fills of another asset, leg or side'
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
its order has applied so far; at or below it, it is a duplicate. What already has an outcome
keeps it.$$;

COMMIT;
