CREATE OR REPLACE FUNCTION pms.contract_value(
    quantity numeric,
    price numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
-- Exact as pms.div_round: within the limits of input, 60 places separate a tie from its neighbors.
RETURN CASE
    WHEN is_inverse THEN round(round(-quantity * multiplier, 60) / price, 18)
    ELSE round(quantity * price * multiplier, 18)
END;

COMMENT ON FUNCTION pms.contract_value IS
$$What a quantity is worth at a price, in the settlement currency

Linear: quantity * price * multiplier. Inverse (coin-margined): -quantity * multiplier / price.
Rounded to 18 fractional digits. Source: accounting.md, "State of a leg and the fold".$$;

GRANT EXECUTE ON FUNCTION pms.contract_value TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.leg_exposure(
    size numeric,
    mark_price numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN coalesce(abs(pms.contract_value(size, mark_price, multiplier, is_inverse)), 0);

COMMENT ON FUNCTION pms.leg_exposure IS $$The exposure of a leg, in its settlement currency

The absolute value of its size at a mark price; 0 without a price.$$;

CREATE OR REPLACE FUNCTION pms.average_price(
    size numeric,
    cost numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN size = 0 OR (is_inverse AND cost = 0) THEN NULL
    WHEN is_inverse THEN pms.div_round(-size * multiplier, cost, 12)
    ELSE pms.div_round(cost, size * multiplier, 12)
END;

COMMENT ON FUNCTION pms.average_price IS
$$The average entry price that a cost implies; null when flat

Never stored: a running average leaks money, a cost does not. Rounded half away from zero to
12 fractional digits.$$;

GRANT EXECUTE ON FUNCTION pms.average_price TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.implied_cost(
    size numeric,
    mark_price numeric,
    unrealized_pnl numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_cost numeric;
BEGIN
    IF size = 0 OR mark_price IS NULL OR unrealized_pnl IS NULL THEN
        RETURN NULL;
    END IF;

    v_cost := pms.contract_value(size, mark_price, multiplier, is_inverse) - unrealized_pnl;
    -- A positive average has this sign, and no other.
    IF sign(v_cost) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END) THEN
        RETURN NULL;
    END IF;

    RETURN v_cost;
END
$$;

COMMENT ON FUNCTION pms.implied_cost IS $$The cost that a mark and an unrealized PnL imply, or null

value(size, mark) - unrealized PnL, exact; null when flat, when something is missing, or when no
positive average fits. The counterpart of pms.implied_mark.$$;

CREATE OR REPLACE FUNCTION pms.implied_mark(
    size numeric,
    average_price numeric,
    unrealized_pnl numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_value numeric;
    v_mark numeric;
BEGIN
    IF size = 0 OR average_price IS NULL OR unrealized_pnl IS NULL THEN
        RETURN NULL;
    END IF;

    v_value := pms.contract_value(size, average_price, multiplier, is_inverse) + unrealized_pnl;
    IF v_value = 0 OR sign(v_value) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END)
    THEN
        RETURN NULL;
    END IF;

    v_mark := CASE
        WHEN is_inverse THEN pms.div_round(-size * multiplier, v_value, 12)
        ELSE pms.div_round(v_value, size * multiplier, 12)
    END;
    RETURN CASE WHEN v_mark > 0 AND v_mark < 1e20 THEN trim_scale(v_mark) END;
END
$$;

COMMENT ON FUNCTION pms.implied_mark IS $$The mark price that a reported PnL implies, or null

The price at which value(size, price) = value(size, average) + unrealized PnL, rounded to 12
fractional digits; null when flat, when something is missing, or when no positive price fits.$$;
