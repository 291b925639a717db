-- The linter does not know aggregates.
-- noqa: disable=LT01

CREATE OR REPLACE FUNCTION pms.empty_leg(multiplier numeric, kind text)
RETURNS pms.leg_state
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (multiplier, kind = 'inverse', 0, 0, 0, 0, 0, 0, NULL, NULL)::pms.leg_state;

COMMENT ON FUNCTION pms.empty_leg IS $$A leg before its first entry

multiplier and kind are those of its instrument.$$;

CREATE OR REPLACE FUNCTION pms.closing_quantity(held numeric, stated numeric)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN sign(stated) <> sign(held) THEN -held
    WHEN abs(stated) < abs(held) THEN stated - held
    ELSE 0
END;

COMMENT ON FUNCTION pms.closing_quantity IS $$What an adjustment closes of a leg

held: the size before, stated: the one it sets. Signed as the fill would be; 0: nothing.$$;

CREATE OR REPLACE FUNCTION pms.next_leg(
    held pms.leg_state,
    initial pms.leg_state,
    kind text,
    quantity numeric,
    price numeric,
    fee numeric,
    amount numeric,
    realized numeric,
    executed_at timestamptz,
    closing_price numeric
)
RETURNS pms.leg_state
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
DECLARE
    v_value numeric;
    v_closing numeric;
    v_closing_value numeric;
    v_closing_fee numeric;
    v_released numeric;
    v_size numeric;
BEGIN
    IF held.size IS NULL THEN
        held := initial;
    END IF;

    -- Most entries are trades: they pass one question.
    IF kind <> 'trade' THEN
        IF kind = 'funding' THEN
            held.funding := held.funding + amount;
            RETURN held;
        END IF;

        IF kind IN ('opening', 'adjustment') THEN
            -- Absolute: the past of the leg does not matter. Opening or turning begins a new cycle.
            v_closing := pms.closing_quantity(held.size, quantity);
            IF v_closing <> 0 AND closing_price IS NOT NULL THEN
                v_released := CASE
                    WHEN v_closing = -held.size THEN held.cost
                    ELSE pms.div_round(held.cost * abs(v_closing), abs(held.size), 18)
                END;
                held.realized := held.realized - v_released - pms.contract_value(
                    v_closing, closing_price, held.multiplier, held.is_inverse
                );
            END IF;
            -- The rest keeps its share of the cost, all of it where fills have explained what was
            -- missing, unless the venue's average was applied.
            v_value := CASE
                WHEN price IS NULL AND closing_price IS NOT NULL
                    AND quantity = held.size + v_closing
                    THEN held.cost - coalesce(v_released, 0)
                ELSE coalesce(
                        amount,
                        pms.contract_value(quantity, price, held.multiplier, held.is_inverse)
                    )
            END;

            IF quantity = 0 THEN
                IF held.size <> 0 OR kind = 'opening' THEN
                    held.closed_at := executed_at;
                END IF;
            ELSIF sign(quantity) <> sign(held.size) THEN
                held.opened_at := executed_at;
            END IF;
            held.size := quantity;
            held.cost := v_value;
            held.realized := held.realized + coalesce(realized, 0);
            RETURN held;
        END IF;

        -- What a book bears of its account without a quantity: see pms.shares_due.
        IF kind = 'transfer' AND quantity = 0 THEN
            IF held.size = 0 THEN
                held.realized := held.realized - amount;
            ELSE
                held.cost := held.cost + amount;
            END IF;
            RETURN held;
        END IF;

        -- A corporate action has no quantity of its own: it takes that of the leg.
        IF quantity = 0 THEN
            IF kind = 'contract' THEN
                held.multiplier := realized;
            END IF;
            IF kind = 'distribution' THEN
                held.funding := held.funding + round(held.size * price, 18);
                RETURN held;
            ELSIF kind <> 'settlement' THEN
                v_size := pms.div_round(held.size * price, amount, 18);
                -- Moved at its cost. Units that round to none are lost.
                amount := CASE WHEN v_size <> 0 THEN -held.cost ELSE 0 END;
            END IF;
            IF held.size = 0 OR (v_size <> 0 AND kind <> 'rename') THEN
                held.size := coalesce(v_size, 0);
                RETURN held;
            END IF;
            quantity := -held.size;
        END IF;
    END IF;

    v_value := coalesce(amount, pms.contract_value(quantity, price, held.multiplier, held.is_inverse));

    IF sign(held.size) <> -sign(quantity) THEN
        IF held.size = 0 THEN
            held.opened_at := NULL;
        END IF;
        held.size := held.size + quantity;
        held.cost := held.cost + v_value;
        held.fees_open := held.fees_open + fee;
    ELSIF abs(quantity) <= abs(held.size) THEN
        v_released := CASE
            WHEN abs(quantity) = abs(held.size) THEN held.cost
            ELSE pms.div_round(held.cost * abs(quantity), abs(held.size), 18)
        END;
        held.realized := held.realized - v_value - v_released;
        held.cost := held.cost - v_released;
        held.size := held.size + quantity;
        held.fees_close := held.fees_close + fee;
    ELSE
        -- A flip: one fill, two parts. What opens is worth the whole less what closes, so that
        -- no rounding of the parts is lost between them.
        v_closing := -held.size;
        v_closing_value := CASE
            WHEN amount IS NULL
                THEN pms.contract_value(v_closing, price, held.multiplier, held.is_inverse)
            ELSE pms.div_round(amount * v_closing, quantity, 18)
        END;
        v_closing_fee := pms.div_round(
            fee * abs(v_closing), abs(quantity), 18
        );
        held.realized := held.realized - v_closing_value - held.cost;
        held.cost := v_value - v_closing_value;
        held.size := held.size + quantity;
        held.fees_close := held.fees_close + v_closing_fee;
        held.fees_open := held.fees_open + fee - v_closing_fee;
        held.opened_at := NULL;
    END IF;

    IF held.size = 0 THEN
        held.closed_at := executed_at;
    ELSIF held.opened_at IS NULL THEN
        -- What a rename moves was opened before.
        held.opened_at := CASE kind
            WHEN 'rename' THEN 'epoch'::timestamptz + make_interval(secs => realized)
            ELSE executed_at
        END;
    END IF;
    RETURN held;
END
$$;

COMMENT ON FUNCTION pms.next_leg IS $$The state of a leg after one more entry, at average cost

Pure: reads no table. Keeps, to the last digit, after every trade:
realized - cost = - sum of the values of all trades. amount is the value of an entry where that is
not quantity at price. opening and adjustment are absolute: the leg is that quantity, and cost that
amount; realized is the PnL that an opening carries over. closing_price: what an adjustment closes is
realized at it; null: nothing is realized. initial: the state before the first entry; later ones are
ignored. split, contract, rename: every amount units become price units, at an unchanged cost, which
a rename moves away; realized is the multiplier of a contract from then on. settlement closes the
leg at price; distribution pays price for each unit. Source: accounting.md, "State of a leg and the
fold", "Corporate actions".$$;

CREATE OR REPLACE AGGREGATE pms.fold(
    initial pms.leg_state,
    kind text,
    quantity numeric,
    price numeric,
    fee numeric,
    amount numeric,
    realized numeric,
    executed_at timestamptz,
    closing_price numeric
) (
    sfunc = pms.next_leg,
    stype = pms.leg_state
);

COMMENT ON AGGREGATE pms.fold(
    pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamptz, numeric
) IS $$A position is the fold of its entries

Starts from initial: that of a checkpoint, or pms.empty_leg. Order by executed_at, id. null without
entries. Over a window it gives the state after each entry.$$;

CREATE OR REPLACE FUNCTION pms.realized_change(before pms.leg_state, after pms.leg_state)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (after).realized - (before).realized - (after).fees_close + (before).fees_close
+ (after).funding - (before).funding;

COMMENT ON FUNCTION pms.realized_change IS
$$How much the realized PnL of a leg changed, as published

Gross, less the fees of closing, plus funding.$$;
