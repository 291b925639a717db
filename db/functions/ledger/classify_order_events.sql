CREATE OR REPLACE FUNCTION pms.classify_order_events(events pms.order_event[])
RETURNS SETOF pms.order_event
LANGUAGE sql
STABLE
AS $$
-- A generic plan takes an array for ten rows, and would join a thousand with a thousand: what an
-- event has to know of the rest of its batch it asks of a hashed sub-plan (IS TRUE keeps IN from
-- becoming a join) or of a window.
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(classify_order_events.events) e
),

-- Entries of one identity, each measured against the first of them.
twin AS MATERIALIZED (
    SELECT
        s.ordinal,
        (
            s.asset, s.leg, s.quantity, coalesce(s.price, s.amount), coalesce(s.fee, 0),
            -- Nothing is nothing in any currency.
            CASE WHEN s.fee <> 0 THEN coalesce(s.fee_currency, '') ELSE '' END
        ) = (
            first_value(s.asset) OVER same,
            first_value(s.leg) OVER same,
            first_value(s.quantity) OVER same,
            first_value(coalesce(s.price, s.amount)) OVER same,
            first_value(coalesce(s.fee, 0)) OVER same,
            first_value(
                CASE WHEN s.fee <> 0 THEN coalesce(s.fee_currency, '') ELSE '' END
            ) OVER same
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
        e.ordinal, e.outcome, e.reason, e.detail, e.trace_id, e.account, e.asset, e.mode, e.leg,
        e.kind, e.identity, e.order_id, e.is_cumulative, e.quantity, e.price, e.fee,
        e.fee_currency, e.amount, e.executed_at,
        CASE
            -- How much of a total is new is for its order to say, below.
            WHEN e.is_cumulative OR e.outcome IS NOT NULL THEN NULL
            ELSE coalesce(
                -- What a total had counted in part has an entry that is not what was reported.
                -- Asked of each only where there are any at all.
                CASE
                    WHEN (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1)
                        THEN (
                            SELECT (v.asset, v.leg, v.quantity, v.price, v.fee)
                                = (e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0))
                            FROM pms.subsumed_executions v
                            WHERE v.account = e.account
                                AND v.identity = e.identity
                        )
                END,
                (
                    SELECT
                        (
                            x.asset, x.leg, coalesce(x.price, x.amount),
                            coalesce(x.fee_native, x.fee),
                            CASE
                                WHEN coalesce(x.fee_native, x.fee) <> 0
                                    THEN coalesce(x.fee_currency, '')
                                ELSE ''
                            END,
                            x.quantity + CASE WHEN x.fee_rate = 0 THEN x.fee_native ELSE 0 END
                        ) = (
                            e.asset, e.leg, coalesce(e.price, e.amount),
                            coalesce(e.fee, 0),
                            CASE WHEN e.fee <> 0 THEN coalesce(e.fee_currency, '') ELSE '' END,
                            e.quantity
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
            )
        END AS is_repeat
    FROM event e
),

-- Orders that send totals, now or before, have to be walked through event by event; their
-- executions count among what they have applied.
walked AS (
    SELECT
        c.*,
        concat_ws('/', c.asset, c.leg, sign(c.quantity)) AS party,
        row_number() OVER (PARTITION BY c.account, c.order_id ORDER BY c.ordinal) AS place
    FROM compared c
    WHERE c.outcome IS NULL
        AND c.is_repeat IS NULL
        AND c.kind = 'trade'
        AND (
            (
                (c.account, c.order_id) IN (
                    SELECT t.account, t.order_id
                    FROM event t
                    WHERE t.outcome IS NULL
                        AND t.is_cumulative
                )
            ) IS TRUE
            OR EXISTS (
                SELECT 1
                FROM pms.entries o
                -- Written as entries_total_idx has it.
                WHERE o.account || '/' || o.order_id = c.account || '/' || c.order_id
                    AND o.identity LIKE 'order:%'
            )
        )
),

total AS MATERIALIZED (
    SELECT
        w.*,
        pms.fold_order(
            (
                n.party, n.quantity, n.cost, n.fee, n.executed_quantity + v.quantity,
                n.executed_cost + v.cost, n.executed_fee + v.fee, 0, NULL, 0, NULL
            )::pms.order_progress,
            w.is_cumulative, w.party, abs(w.quantity), w.price, w.fee,
            EXISTS (
                SELECT 1 FROM pms.instruments i WHERE i.asset = w.asset AND i.allows_negative_price
            )
        ) OVER (PARTITION BY w.account, w.order_id ORDER BY w.ordinal) AS walk
    FROM walked w
    -- What its order has applied so far, as it was reported: what was busted, corrected, converted
    -- or taken from the quantity since is no news of the order. Asked where the walk begins.
    CROSS JOIN LATERAL (
        SELECT
            max(concat_ws('/', x.asset, x.leg, x.direction)) AS party,
            coalesce(sum(x.quantity), 0) AS quantity,
            coalesce(sum(x.quantity * x.price), 0) AS cost,
            coalesce(sum(x.fee), 0) AS fee,
            coalesce(sum(x.quantity) FILTER (WHERE NOT x.is_total), 0) AS executed_quantity,
            coalesce(sum(x.quantity * x.price) FILTER (WHERE NOT x.is_total), 0) AS executed_cost,
            coalesce(sum(x.fee) FILTER (WHERE NOT x.is_total), 0) AS executed_fee
        FROM (
            SELECT
                e.asset,
                e.leg,
                e.price,
                e.is_total,
                sign(e.quantity) AS direction,
                abs(e.quantity + CASE WHEN e.fee_rate = 0 THEN e.fee_native ELSE 0 END)
                    AS quantity,
                coalesce(e.fee_native, e.fee) AS fee
            FROM (
                -- Written as entries_total_idx and entries_order_idx have it.
                SELECT t.*, TRUE AS is_total
                FROM pms.entries t
                WHERE t.account || '/' || t.order_id = w.account || '/' || w.order_id
                    AND t.identity LIKE 'order:%'
                UNION ALL
                SELECT t.*, FALSE
                FROM pms.entries t
                WHERE t.account || '/' || t.order_id = w.account || '/' || w.order_id
                    AND t.identity NOT LIKE 'order:%'
            ) e
            WHERE w.place = 1
                AND e.kind = 'trade'
                AND e.amends IS NULL
        ) x
    ) n
    -- On top of what the ledger counts of its executions.
    CROSS JOIN LATERAL (
        SELECT
            coalesce(sum(abs(f.quantity) - f.counted_quantity), 0) AS quantity,
            coalesce(sum(abs(f.quantity) * f.price - f.counted_quantity * f.counted_price), 0)
                AS cost,
            coalesce(sum(f.fee - f.counted_fee), 0) AS fee
        FROM pms.subsumed_executions f
        WHERE w.place = 1
            AND f.account = w.account
            AND f.order_id = w.order_id
    ) v
    OFFSET 0
),

decided AS (
    SELECT c.*, NULL::pms.order_progress AS applied
    FROM compared c
    WHERE (c.ordinal IN (SELECT t.ordinal FROM total t)) IS NOT TRUE
    UNION ALL
    SELECT
        t.ordinal, t.outcome, t.reason, t.detail, t.trace_id, t.account, t.asset, t.mode, t.leg,
        t.kind, t.identity, t.order_id, t.is_cumulative, t.quantity, t.price, t.fee,
        t.fee_currency, t.amount, t.executed_at, t.is_repeat, t.walk
    FROM total t
)

SELECT
    c.ordinal,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.outcome
        WHEN c.is_repeat THEN 'duplicate'
        WHEN NOT c.is_repeat OR (c.applied).refusal IS NOT NULL THEN 'rejected'
        WHEN (c.applied).step_quantity = 0 THEN 'duplicate'
        ELSE 'applied'
    END,
    CASE
        WHEN NOT c.is_repeat THEN 'identity_conflict'
        WHEN (c.applied).refusal IS NOT NULL THEN (c.applied).refusal
        WHEN (c.applied).step_quantity = 0 AND NOT c.is_cumulative THEN 'already_in_total'
        ELSE c.reason
    END,
    CASE
        WHEN NOT c.is_repeat
            THEN c.identity || ': this identity was applied before with other content'
        WHEN (c.applied).refusal = 'order_conflict'
            THEN CASE WHEN c.is_cumulative THEN 'order.' ELSE '' END
                || 'order_id: this order has fills of another asset, leg or side'
        WHEN (c.applied).refusal = 'inconsistent_total'
            THEN 'order.average_price: implies an impossible price for what is new: '
                || (c.applied).step_price
        ELSE c.detail
    END,
    c.trace_id,
    c.account,
    c.asset,
    c.mode,
    c.leg,
    c.kind,
    c.identity,
    c.order_id,
    c.is_cumulative,
    c.quantity,
    c.price,
    coalesce(c.fee, 0),
    c.fee_currency,
    c.amount,
    c.executed_at,
    c.applied
FROM decided c
$$;

COMMENT ON FUNCTION pms.classify_order_events IS
$$What each order event of a batch does, given what the ledger holds

Call it with the legs locked. The same identity with the same content is a duplicate, with
other content it is rejected (identity_conflict). Where an order sends totals, its events become
the step over what it has applied so far (applied); at or below it, they are duplicates. What
already has an outcome keeps it.$$;
