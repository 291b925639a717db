-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE FUNCTION pms.no_progress()
RETURNS pms.order_progress
LANGUAGE sql
IMMUTABLE
RETURN (
    FALSE, NULL, 0, 0, 0, 0, 0, 0, NULL, NULL, 0, NULL, NULL, 0, NULL, NULL
)::pms.order_progress;

COMMENT ON FUNCTION pms.no_progress IS 'What an order has applied before its first event.';

CREATE OR REPLACE FUNCTION pms.next_order_progress(
    applied pms.order_progress,
    initial pms.order_progress,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    price_scale integer,
    fee numeric,
    fee_currency text,
    allows_negative_price boolean,
    multiplier numeric
)
RETURNS pms.order_progress
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_quantity numeric;
    v_cost numeric;
    v_fee numeric;
BEGIN
    IF applied.quantity IS NULL THEN
        applied := coalesce(initial, pms.no_progress());
    END IF;
    applied.flaw := NULL;
    applied.refusal := NULL;
    applied.step_amount := NULL;

    IF applied.party <> party THEN
        applied.step_quantity := 0;
        applied.step_price := NULL;
        applied.step_fee := 0;
        applied.refusal := 'order_conflict';
        applied.flaw := 'order_id: this order has fills of another leg or side';
        RETURN applied;
    END IF;

    -- Nothing of one currency is subtracted from another. Zero is zero in any currency.
    IF fee_currency IS DISTINCT FROM applied.fee_currency AND fee <> 0 THEN
        applied := pms.fees_in_currency(applied, fee_currency);
    END IF;

    -- What the order has done by this event: a total says it, executions add up to it.
    IF is_cumulative THEN
        v_quantity := quantity;
        v_cost := pms.order_cost(quantity, price, multiplier);
        -- A total without a fee does not know it; it does not say that the fee is zero.
        v_fee := CASE
            WHEN fee_currency IS NOT DISTINCT FROM applied.fee_currency
                THEN coalesce(fee, applied.fee)
            ELSE applied.fee
        END;
    ELSE
        applied.executed_quantity := applied.executed_quantity + quantity;
        applied.executed_cost := applied.executed_cost
            + pms.order_cost(quantity, price, multiplier);
        applied.executed_fee := applied.executed_fee + coalesce(fee, 0);
        v_quantity := applied.executed_quantity;
        v_cost := applied.executed_cost;
        v_fee := applied.executed_fee;
    END IF;

    IF v_quantity <= applied.quantity THEN
        applied.step_quantity := 0;
        applied.step_price := NULL;
        applied.step_fee := 0;
        RETURN applied;
    END IF;

    -- Not the price of an execution itself: a total may have counted it already, and the new part
    -- is another one that came before it.
    applied.step_quantity := v_quantity - applied.quantity;
    applied.step_price := trim_scale(CASE
        WHEN multiplier > 0
            THEN pms.div_round(v_cost - applied.cost, applied.step_quantity, 18)
        WHEN v_cost > applied.cost
            THEN pms.div_round(applied.step_quantity, v_cost - applied.cost, 18)
        ELSE 0
    END);
    applied.step_fee := v_fee - applied.fee;
    IF NOT is_cumulative THEN
        IF abs(applied.step_price) >= 1e20
            OR (applied.step_price <= 0 AND NOT allows_negative_price)
        THEN
            -- Executions out of order: the next step sets the cost right.
            applied.step_price := price;
        END IF;
    ELSIF applied.quantity > 0
        AND (
            abs(applied.step_price) >= 1e20
            OR (
                applied.step_price NOT BETWEEN price / 2 AND price * 2
                AND NOT allows_negative_price
            )
        )
    THEN
        applied := pms.price_of_step(
            applied, price, price_scale, v_quantity, v_cost - applied.cost,
            pms.order_cost(applied.step_quantity, price, multiplier), multiplier
        );
    END IF;

    applied.party := coalesce(applied.party, party);
    applied.quantity := applied.quantity + applied.step_quantity;
    -- What the ledger will hold, not what the total says: the next step corrects the rounding of
    -- this one, however the events are split into batches.
    applied.cost := applied.cost
        + coalesce(
            pms.div_round(applied.step_amount, multiplier, 60),
            pms.order_cost(applied.step_quantity, applied.step_price, multiplier)
        );
    applied.fee := applied.fee + applied.step_fee;
    RETURN applied;
END
$$;

COMMENT ON FUNCTION pms.next_order_progress IS
$$What an order has applied after one more event, and the step

Quantities are unsigned here. What an order has done is the larger of its newest total and the sum
of its executions; an event steps by what that exceeds the applied (quantity, cost and fee alike),
or by 0 when it does not: nothing counts twice, in whatever order totals and executions come. The
quantity of a total always counts, see pms.price_of_step. A refused event changes nothing:
order_conflict when the order belongs to another party.$$;

CREATE OR REPLACE AGGREGATE pms.fold_order(
    initial pms.order_progress,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    price_scale integer,
    fee numeric,
    fee_currency text,
    allows_negative_price boolean,
    multiplier numeric
) (
    sfunc = pms.next_order_progress,
    stype = pms.order_progress
);

COMMENT ON AGGREGATE pms.fold_order(
    pms.order_progress, boolean, text, numeric, numeric, integer, numeric, text, boolean, numeric
) IS 'What an order has applied, event by event, in the order of arrival.';

-- In PL/pgSQL, so that statements that seldom need it have smaller plans.
CREATE OR REPLACE FUNCTION pms.unseen_parts_of_orders(orders pms.begun_order[])
RETURNS TABLE (
    ordinal integer,
    created_at timestamptz,
    is_of_asset boolean,
    is_entry boolean,
    executed_at timestamptz,
    asset text,
    leg text,
    quantity numeric,
    price numeric,
    less_quantity numeric,
    less_price numeric,
    fee numeric,
    fee_currency text,
    fee_native numeric,
    fee_rate numeric,
    amount numeric
)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        o.ordinal, o.created_at, t.asset = o.asset, TRUE, t.executed_at, t.asset, t.leg,
        t.quantity, t.price, 0::numeric, 0::numeric, t.fee, t.fee_currency, t.fee_native,
        t.fee_rate, t.amount
    FROM unnest(unseen_parts_of_orders.orders) o
    INNER JOIN pms.execution_orders x ON o.account = x.account AND o.order_id = x.order_id
    INNER JOIN pms.ledger_entries t ON x.entry_id = t.id
    WHERE t.kind = 'trade'
        AND t.amends IS NULL
    UNION ALL
    -- The ledger holds only a part of an execution that a total had counted before.
    SELECT
        o.ordinal, o.created_at, f.asset = o.asset, FALSE, f.executed_at, f.asset, f.leg,
        f.quantity, f.price, f.counted_quantity, f.counted_price, f.fee - f.counted_fee,
        f.fee_currency, NULL, NULL, NULL
    FROM unnest(unseen_parts_of_orders.orders) o
    INNER JOIN pms.subsumed_executions f ON o.account = f.account AND o.order_id = f.order_id;
END
$$;

COMMENT ON FUNCTION pms.unseen_parts_of_orders IS
$$What orders have applied that no entry with their id shows

Executions that a later message named the order of, and what is not in the ledger of those that a
total had counted before they came.$$;

-- In PL/pgSQL, as above.
CREATE OR REPLACE FUNCTION pms.spans_of_orders(
    orders pms.begun_order[],
    ordinals integer[],
    starts timestamptz[]
)
RETURNS TABLE (ordinal integer, span tstzrange)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        o.ordinal,
        tstzrange(
            o.created_at - CASE
                WHEN bool_or(t.start < o.created_at) THEN INTERVAL '0' ELSE s.clock_skew_limit
            END,
            min(t.start) FILTER (WHERE t.start > coalesce(o.created_at, '-infinity'))
            - CASE WHEN o.created_at IS NULL THEN s.clock_skew_limit ELSE INTERVAL '0' END
        )
    FROM unnest(spans_of_orders.orders) o
    LEFT JOIN unnest(spans_of_orders.ordinals, spans_of_orders.starts) t (ordinal, start)
        ON o.ordinal = t.ordinal
    CROSS JOIN pms.settings s
    GROUP BY o.ordinal, o.created_at, s.clock_skew_limit;
END
$$;

COMMENT ON FUNCTION pms.spans_of_orders IS
$$The times of what belongs to an order without naming its created_at, as in pms.order_at

ordinals, starts: created_at of each total that the ledger has under the id of an order, or null.$$;

CREATE OR REPLACE FUNCTION pms.parts_of_orders(orders pms.begun_order[])
RETURNS TABLE (
    ordinal integer,
    is_own boolean,
    party text,
    quantity numeric,
    cost numeric,
    fee numeric,
    executed_quantity numeric,
    executed_cost numeric,
    executed_fee numeric,
    fee_currency text
)
LANGUAGE sql
STABLE
AS $$
WITH part AS MATERIALIZED (
    -- Written as entries_total_idx and entries_order_idx have it (ADR 0002).
    SELECT
        o.ordinal, o.created_at, t.asset = o.asset AS is_of_asset, TRUE AS is_entry,
        t.identity AS total, t.executed_at, t.asset, t.leg, t.quantity, t.price,
        0::numeric AS less_quantity, 0::numeric AS less_price, t.fee, t.fee_currency,
        t.fee_native, t.fee_rate, t.amount
    FROM unnest(parts_of_orders.orders) o
    CROSS JOIN LATERAL pms.entries_of_order(o.account, o.order_id) t
    WHERE t.scheme = 'o'
        AND t.amends IS NULL
    UNION ALL
    SELECT
        o.ordinal, o.created_at, t.asset = o.asset, TRUE, NULL, t.executed_at, t.asset, t.leg,
        t.quantity, t.price, 0, 0, t.fee, t.fee_currency, t.fee_native, t.fee_rate, t.amount
    FROM unnest(parts_of_orders.orders) o
    CROSS JOIN LATERAL pms.entries_of_order(o.account, o.order_id) t
    WHERE t.scheme <> 'o'
        AND t.kind = 'trade'
        AND t.amends IS NULL
    UNION ALL
    SELECT
        t.ordinal, t.created_at, t.is_of_asset, t.is_entry, NULL, t.executed_at, t.asset, t.leg,
        t.quantity, t.price, t.less_quantity, t.less_price, t.fee, t.fee_currency, t.fee_native,
        t.fee_rate, t.amount
    FROM pms.unseen_parts_of_orders(parts_of_orders.orders) t
    -- Most ledgers have none.
    WHERE (SELECT TRUE FROM pms.execution_orders a LIMIT 1)
        OR (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1)
),

-- Read only where a part does not name its order.
span AS MATERIALIZED (
    SELECT s.*
    FROM (
        SELECT
            array_agg(p.ordinal) AS ordinals,
            array_agg(pms.order_start(p.total)) AS starts
        FROM part p
        WHERE p.is_of_asset
    ) t
    CROSS JOIN LATERAL pms.spans_of_orders(parts_of_orders.orders, t.ordinals, t.starts) s
)

SELECT
    p.ordinal,
    p.is_of_asset AND CASE
        WHEN q.start IS NOT NULL THEN q.start IS NOT DISTINCT FROM p.created_at
        ELSE p.executed_at <@ (SELECT s.span FROM span s WHERE s.ordinal = p.ordinal)
    END,
    concat_ws('/', p.leg, sign(p.quantity)),
    CASE WHEN p.is_entry THEN q.quantity ELSE 0 END,
    CASE WHEN p.is_entry THEN q.cost ELSE 0 END,
    CASE WHEN p.is_entry THEN q.fee ELSE 0 END,
    CASE WHEN p.total IS NULL THEN q.quantity ELSE 0 END,
    CASE WHEN p.total IS NULL THEN q.cost ELSE 0 END,
    CASE WHEN p.total IS NULL THEN q.fee ELSE 0 END,
    -- Null is the settlement currency.
    nullif(p.fee_currency, q.settlement_currency)
FROM part p
-- OFFSET 0: computed once for the columns that read it (ADR 0002).
CROSS JOIN LATERAL (
    SELECT
        pms.order_start(p.total) AS start,
        r.quantity - p.less_quantity AS quantity,
        CASE
            -- A total whose step costs something else than its price says.
            WHEN p.total IS NOT NULL AND p.amount IS NOT NULL AND p.fee_rate IS DISTINCT FROM 0
                THEN pms.div_round(p.amount * sign(p.quantity), i.multiplier, 60)
            ELSE pms.order_cost(r.quantity, p.price, i.multiplier)
                - pms.order_cost(p.less_quantity, p.less_price, i.multiplier)
        END AS cost,
        coalesce(p.fee_native, p.fee) AS fee,
        i.settlement_currency
    FROM (
        SELECT n.settlement_currency, pms.signed_multiplier_at(n, p.executed_at) AS multiplier
        FROM pms.instruments n
        WHERE n.asset = p.asset
    ) i
    CROSS JOIN LATERAL (
        SELECT abs(
            p.quantity + CASE WHEN p.fee_rate = 0 THEN p.fee_native ELSE 0 END
        ) AS quantity
    ) r
    OFFSET 0
) q
$$;

COMMENT ON FUNCTION pms.parts_of_orders IS
$$What the ledger has under the ids of orders, as it was reported; is_own: of this order

Ids restart, and some venues number orders per symbol: an order is the id, the asset and, where its
totals name it, created_at. Null: one that no total names, before the others.$$;

CREATE OR REPLACE FUNCTION pms.recorded_order_progress(orders pms.begun_order[])
RETURNS TABLE (ordinal integer, progress pms.order_progress)
LANGUAGE sql
STABLE
AS $$
SELECT
    n.ordinal,
    (
        n.is_shared, n.party, n.quantity, n.cost, n.fee,
        n.executed_quantity, n.executed_cost, n.executed_fee,
        -- The settlement currency.
        NULL,
        CASE WHEN n.other_fees IS NOT NULL THEN pms.sum_fees(n.other_fees) END,
        0, NULL, NULL, 0, NULL, NULL
    )::pms.order_progress
FROM (
    SELECT
        x.ordinal,
        bool_or(NOT x.is_own) AS is_shared,
        max(x.party) FILTER (WHERE x.is_own) AS party,
        coalesce(sum(x.quantity) FILTER (WHERE x.is_own), 0) AS quantity,
        coalesce(sum(x.cost) FILTER (WHERE x.is_own), 0) AS cost,
        coalesce(sum(x.fee) FILTER (WHERE x.is_own AND x.fee_currency IS NULL), 0) AS fee,
        coalesce(sum(x.executed_quantity) FILTER (WHERE x.is_own), 0) AS executed_quantity,
        coalesce(sum(x.executed_cost) FILTER (WHERE x.is_own), 0) AS executed_cost,
        coalesce(
            sum(x.executed_fee) FILTER (WHERE x.is_own AND x.fee_currency IS NULL), 0
        ) AS executed_fee,
        jsonb_agg(jsonb_build_array(x.fee_currency, x.fee, x.executed_fee)) FILTER (
            WHERE x.is_own AND x.fee_currency IS NOT NULL
        ) AS other_fees
    FROM pms.parts_of_orders(recorded_order_progress.orders) x
    GROUP BY x.ordinal
) n
$$;

COMMENT ON FUNCTION pms.recorded_order_progress IS
$$What orders have applied so far, by the ledger; no row for one that it does not know

As it was reported: busts, corrections and conversions do not change what an order has done.$$;
