-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE FUNCTION pms.next_order_progress(
    applied pms.order_progress,
    initial pms.order_progress,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    fee numeric,
    allows_negative_price boolean
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
    applied.refusal := NULL;
    applied.step_quantity := 0;
    applied.step_price := NULL;
    applied.step_fee := 0;

    IF applied.party <> party THEN
        applied.refusal := 'order_conflict';
        RETURN applied;
    END IF;

    -- What the order has done by this event: a total says it, executions add up to it.
    IF is_cumulative THEN
        v_quantity := quantity;
        v_cost := quantity * price;
        -- A total without a fee does not know it; it does not say that the fee is zero.
        v_fee := coalesce(fee, applied.fee);
    ELSE
        applied.executed_quantity := applied.executed_quantity + quantity;
        applied.executed_cost := applied.executed_cost + quantity * price;
        applied.executed_fee := applied.executed_fee + coalesce(fee, 0);
        v_quantity := applied.executed_quantity;
        v_cost := applied.executed_cost;
        v_fee := applied.executed_fee;
    END IF;

    IF v_quantity <= applied.quantity THEN
        RETURN applied;
    END IF;

    -- Not the price of an execution itself: a total may have counted it already, and the new part
    -- is another one that came before it.
    applied.step_quantity := v_quantity - applied.quantity;
    applied.step_price := trim_scale(pms.div_round(
        v_cost - applied.cost, applied.step_quantity, 18
    ));
    applied.step_fee := v_fee - applied.fee;
    IF abs(applied.step_price) >= 1e20
        OR (applied.step_price <= 0 AND NOT allows_negative_price)
    THEN
        IF is_cumulative THEN
            -- Refused, it must not stand in the way of a total that is right.
            applied.refusal := 'inconsistent_total';
            RETURN applied;
        END IF;
        -- Executions out of order: the next step sets the cost right.
        applied.step_price := price;
    END IF;

    applied.party := coalesce(applied.party, party);
    applied.quantity := applied.quantity + applied.step_quantity;
    -- What the ledger will hold, not what the total says: the next step corrects the rounding of
    -- this one, however the events are split into batches.
    applied.cost := applied.cost + applied.step_quantity * applied.step_price;
    applied.fee := applied.fee + applied.step_fee;
    RETURN applied;
END
$$;

COMMENT ON FUNCTION pms.next_order_progress IS
$$What an order has applied after one more event, and the step

Quantities are unsigned here. What an order has done is the larger of its newest total and the sum
of its executions; an event steps by what that exceeds the applied (quantity, cost and fee alike),
or by 0 when it does not: nothing counts twice, in whatever order totals and executions come. A
refused one changes nothing: order_conflict when the order belongs to another party,
inconsistent_total when the step would have an impossible price.$$;

CREATE OR REPLACE AGGREGATE pms.fold_order(
    initial pms.order_progress,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    fee numeric,
    allows_negative_price boolean
) (
    sfunc = pms.next_order_progress,
    stype = pms.order_progress
);

COMMENT ON AGGREGATE pms.fold_order(
    pms.order_progress, boolean, text, numeric, numeric, numeric, boolean
) IS 'What an order has applied, event by event, in the order of arrival.';

CREATE OR REPLACE FUNCTION pms.recorded_order_progress(account text, order_id text)
RETURNS SETOF pms.order_progress
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT
    n.party, n.quantity, n.cost, n.fee,
    n.executed_quantity + v.quantity, n.executed_cost + v.cost, n.executed_fee + v.fee,
    0::numeric, NULL::numeric, 0::numeric, NULL::text
FROM (
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
            abs(e.quantity + CASE WHEN e.fee_rate = 0 THEN e.fee_native ELSE 0 END) AS quantity,
            coalesce(e.fee_native, e.fee) AS fee
        FROM (
            -- Written as entries_total_idx and entries_order_idx have it (ADR 0002).
            SELECT t.*, TRUE AS is_total
            FROM pms.entries_of_order(
                recorded_order_progress.account, recorded_order_progress.order_id
            ) t
            WHERE t.scheme = 'o'
            UNION ALL
            SELECT t.*, FALSE
            FROM pms.entries_of_order(
                recorded_order_progress.account, recorded_order_progress.order_id
            ) t
            WHERE t.scheme <> 'o'
        ) e
        WHERE e.kind = 'trade'
            AND e.amends IS NULL
    ) x
) n
-- The ledger holds only a part of an execution that a total had counted before.
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(abs(f.quantity) - f.counted_quantity), 0) AS quantity,
        coalesce(sum(abs(f.quantity) * f.price - f.counted_quantity * f.counted_price), 0) AS cost,
        coalesce(sum(f.fee - f.counted_fee), 0) AS fee
    FROM pms.subsumed_executions f
    WHERE f.account = recorded_order_progress.account
        AND f.order_id = recorded_order_progress.order_id
) v
$$;

COMMENT ON FUNCTION pms.recorded_order_progress IS
$$What an order has applied so far, by the ledger; always one row

As it was reported: busts, corrections and conversions do not change what the order has done. Where
account is null, nothing is read, and the order has done nothing.$$;
