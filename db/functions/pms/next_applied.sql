-- Deploy position_manager:functions/pms/next_applied to pg
-- requires: functions/pms/quotient
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.next_applied(
    applied pms.order_applied,
    initial pms.order_applied,
    is_cumulative boolean,
    quantity numeric,
    price numeric,
    fee numeric
)
RETURNS pms.order_applied
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    IF applied.quantity IS NULL THEN
        applied := initial;
    END IF;

    IF is_cumulative THEN
        applied.step_quantity := greatest(quantity - applied.quantity, 0);
        -- A total without a fee does not know it; it does not say that the fee is zero.
        applied.step_fee := CASE
            WHEN applied.step_quantity > 0 THEN coalesce(fee - applied.fee, 0) ELSE 0
        END;
        applied.step_price := CASE
            WHEN applied.step_quantity > 0 THEN trim_scale(pms.quotient(
                quantity * price - applied.cost, applied.step_quantity, 0.000000000000000001
            ))
        END;
    ELSE
        applied.step_quantity := quantity;
        applied.step_fee := coalesce(fee, 0);
        applied.step_price := price;
    END IF;

    IF applied.step_quantity > 0 THEN
        applied.quantity := applied.quantity + applied.step_quantity;
        -- What the ledger will hold, not what the total says: the next step corrects the
        -- rounding of this one, however the events are split into batches.
        applied.cost := applied.cost + applied.step_quantity * applied.step_price;
        applied.fee := applied.fee + applied.step_fee;
    END IF;
    RETURN applied;
END
$$;

COMMENT ON FUNCTION pms.next_applied IS
$$What an order has applied after one more event, and the step

Quantities are unsigned here. A cumulative event steps by what its total exceeds the applied
(quantity, cost and fee alike), or by 0 when it is at or below it.$$;

COMMIT;
