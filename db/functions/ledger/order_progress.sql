-- The linter does not know aggregates.
-- noqa: disable=LT01

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
        applied := initial;
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

CREATE OR REPLACE FUNCTION pms.parts_of_order(
    account text,
    contract pms.instruments,
    order_id text,
    created_at timestamptz
)
RETURNS TABLE (
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
SELECT
    s.asset = (parts_of_order.contract).asset AND CASE
        WHEN s.start IS NOT NULL THEN s.start IS NOT DISTINCT FROM parts_of_order.created_at
        -- What does not name its order belongs to the one of its time, as in pms.order_at.
        ELSE s.executed_at >= coalesce(parts_of_order.created_at, '-infinity') - CASE
                WHEN s.has_former THEN INTERVAL '0'
                ELSE (SELECT c.clock_skew_limit FROM pms.settings c)
            END
            AND s.executed_at < coalesce(s.next_start, 'infinity') - CASE
                WHEN parts_of_order.created_at IS NOT NULL THEN INTERVAL '0'
                ELSE (SELECT c.clock_skew_limit FROM pms.settings c)
            END
    END,
    s.party,
    s.quantity,
    s.cost,
    s.fee,
    CASE WHEN s.is_total THEN 0 ELSE s.executed_quantity END,
    CASE WHEN s.is_total THEN 0 ELSE s.executed_cost END,
    CASE WHEN s.is_total THEN 0 ELSE s.executed_fee END,
    -- Null is the settlement currency.
    CASE WHEN s.fee_currency IS NOT NULL THEN nullif(
        s.fee_currency,
        (SELECT i.settlement_currency FROM pms.instruments i WHERE i.asset = s.asset)
    ) END
FROM (
    SELECT
        p.*,
        -- No partitions, which would be sorted for every order. OFFSET 0: computed once (ADR 0002).
        bool_or(p.start < parts_of_order.created_at) FILTER (
            WHERE p.asset = (parts_of_order.contract).asset
        ) OVER () AS has_former,
        min(p.start) FILTER (
            WHERE p.asset = (parts_of_order.contract).asset
                AND p.start > coalesce(parts_of_order.created_at, '-infinity')
        ) OVER () AS next_start
    FROM (
        SELECT
            e.asset, e.executed_at, e.is_total, e.start, e.fee_currency, q.party, q.quantity,
            q.cost, q.fee, q.quantity AS executed_quantity, q.cost AS executed_cost,
            q.fee AS executed_fee
        FROM (
            -- Written as entries_total_idx and entries_order_idx have it (ADR 0002).
            SELECT t.*, TRUE AS is_total, pms.order_start(t.identity) AS start
            FROM pms.entries_of_order(parts_of_order.account, parts_of_order.order_id) t
            WHERE t.scheme = 'o'
            UNION ALL
            SELECT t.*, FALSE, NULL
            FROM pms.entries_of_order(parts_of_order.account, parts_of_order.order_id) t
            WHERE t.scheme <> 'o'
            UNION ALL
            SELECT t.*, FALSE, NULL
            FROM pms.execution_orders o
            INNER JOIN pms.ledger_entries t ON o.entry_id = t.id
            WHERE o.account = parts_of_order.account
                AND o.order_id = parts_of_order.order_id
                AND (SELECT TRUE FROM pms.execution_orders a LIMIT 1)
        ) e
        CROSS JOIN LATERAL (
            SELECT
                concat_ws('/', e.leg, sign(e.quantity)) AS party,
                r.quantity,
                CASE
                    -- A total whose step costs something else than its price says.
                    WHEN e.is_total AND e.amount IS NOT NULL AND e.fee_rate IS DISTINCT FROM 0
                        THEN pms.div_round(e.amount * sign(e.quantity), i.multiplier, 60)
                    ELSE pms.order_cost(r.quantity, e.price, i.multiplier)
                END AS cost,
                coalesce(e.fee_native, e.fee) AS fee
            FROM (
                SELECT abs(
                    e.quantity + CASE WHEN e.fee_rate = 0 THEN e.fee_native ELSE 0 END
                ) AS quantity
            ) r
            CROSS JOIN LATERAL (
                SELECT pms.signed_multiplier_at(parts_of_order.contract, e.executed_at)
            ) i (multiplier)
        ) q
        WHERE e.kind = 'trade'
            AND e.amends IS NULL
        UNION ALL
        -- The ledger holds only a part of an execution that a total had counted before.
        SELECT
            f.asset, f.executed_at, FALSE, NULL, f.fee_currency,
            concat_ws('/', f.leg, sign(f.quantity)), 0, 0, 0,
            abs(f.quantity) - f.counted_quantity,
            pms.order_cost(abs(f.quantity), f.price, i.multiplier)
            - pms.order_cost(f.counted_quantity, f.counted_price, i.multiplier),
            f.fee - f.counted_fee
        FROM pms.subsumed_executions f
        CROSS JOIN LATERAL (
            SELECT pms.signed_multiplier_at(parts_of_order.contract, f.executed_at)
        ) i (multiplier)
        WHERE f.account = parts_of_order.account
            AND f.order_id = parts_of_order.order_id
            -- Most ledgers have none, as of execution_orders.
            AND (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1)
    ) p
) s
OFFSET 0
$$;

COMMENT ON FUNCTION pms.parts_of_order IS
$$What the ledger has under an order id, as it was reported; is_own: whether it is of this order

Ids restart, and some venues number orders per symbol: an order is the id, the asset and, where its
totals name it, created_at. Null: one that no total names, before the others.$$;

CREATE OR REPLACE FUNCTION pms.recorded_order_progress(
    account text,
    contract pms.instruments,
    order_id text,
    created_at timestamptz
)
RETURNS SETOF pms.order_progress
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT
    n.is_shared, n.party, n.quantity, n.cost,
    CASE WHEN c.is_one THEN n.fee ELSE 0 END,
    n.executed_quantity, n.executed_cost,
    CASE WHEN c.is_one THEN n.executed_fee ELSE 0 END,
    -- * is no currency: the first fee looks for its own.
    CASE WHEN c.is_one THEN nullif(n.first_currency, '') ELSE '*' END,
    CASE WHEN NOT c.is_one THEN (
        SELECT jsonb_object_agg(f.currency, jsonb_build_array(f.fee, f.executed_fee))
        FROM (
            SELECT
                p ->> 0 AS currency,
                sum((p ->> 1)::numeric) AS fee,
                sum((p ->> 2)::numeric) AS executed_fee
            FROM jsonb_array_elements(n.fees) p
            GROUP BY 1
        ) f
    ) END,
    0::numeric, NULL::numeric, NULL::numeric, 0::numeric, NULL::text, NULL::text
FROM (
    SELECT
        coalesce(bool_or(NOT x.is_own), FALSE) AS is_shared,
        max(x.party) FILTER (WHERE x.is_own) AS party,
        coalesce(sum(x.quantity) FILTER (WHERE x.is_own), 0) AS quantity,
        coalesce(sum(x.cost) FILTER (WHERE x.is_own), 0) AS cost,
        coalesce(sum(x.fee) FILTER (WHERE x.is_own), 0) AS fee,
        coalesce(sum(x.executed_quantity) FILTER (WHERE x.is_own), 0) AS executed_quantity,
        coalesce(sum(x.executed_cost) FILTER (WHERE x.is_own), 0) AS executed_cost,
        coalesce(sum(x.executed_fee) FILTER (WHERE x.is_own), 0) AS executed_fee,
        -- Those of few orders are in several currencies.
        jsonb_agg(jsonb_build_array(coalesce(x.fee_currency, ''), x.fee, x.executed_fee)) FILTER (
            WHERE x.is_own AND (x.fee <> 0 OR x.executed_fee <> 0)
        ) AS fees,
        min(coalesce(x.fee_currency, '')) FILTER (
            WHERE x.is_own AND (x.fee <> 0 OR x.executed_fee <> 0)
        ) AS first_currency,
        max(coalesce(x.fee_currency, '')) FILTER (
            WHERE x.is_own AND (x.fee <> 0 OR x.executed_fee <> 0)
        ) AS last_currency
    FROM pms.parts_of_order(
        recorded_order_progress.account, recorded_order_progress.contract,
        recorded_order_progress.order_id, recorded_order_progress.created_at
    ) x
) n
CROSS JOIN LATERAL (
    SELECT n.first_currency IS NOT DISTINCT FROM n.last_currency AS is_one
) c
$$;

COMMENT ON FUNCTION pms.recorded_order_progress IS
$$What an order has applied so far, by the ledger; always one row

As it was reported: busts, corrections and conversions do not change what the order has done.$$;
