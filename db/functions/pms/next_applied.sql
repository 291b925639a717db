-- Deploy position_manager:functions/pms/next_applied to pg
-- requires: functions/pms/quotient
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.next_applied(
    applied pms.order_applied,
    initial pms.order_applied,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    fee numeric,
    allows_negative_price boolean
)
RETURNS pms.order_applied
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    IF applied.quantity IS NULL THEN
        applied := initial;
    END IF;
    applied.refusal := NULL;

    IF NOT is_cumulative THEN
        applied.step_quantity := quantity;
        applied.step_price := price;
        applied.step_fee := coalesce(fee, 0);
    ELSIF applied.party <> party THEN
        applied.refusal := 'order_conflict';
        RETURN applied;
    ELSIF quantity <= applied.quantity THEN
        applied.step_quantity := 0;
        RETURN applied;
    ELSE
        applied.step_quantity := quantity - applied.quantity;
        applied.step_price := trim_scale(pms.quotient(
            quantity * price - applied.cost, applied.step_quantity, 0.000000000000000001
        ));
        -- A total without a fee does not know it; it does not say that the fee is zero.
        applied.step_fee := coalesce(fee - applied.fee, 0);
        -- Refused, it must not stand in the way of a total that is right.
        IF abs(applied.step_price) >= 1e20
            OR (applied.step_price <= 0 AND NOT allows_negative_price)
        THEN
            applied.refusal := 'inconsistent_total';
            RETURN applied;
        END IF;
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

COMMENT ON FUNCTION pms.next_applied IS
$$What an order has applied after one more event, and the step

Quantities are unsigned here. A cumulative event steps by what its total exceeds the applied
(quantity, cost and fee alike), or by 0 when it is at or below it. A refused one changes nothing:
order_conflict when the order belongs to another party, inconsistent_total when the step would
have an impossible price.$$;

COMMIT;
