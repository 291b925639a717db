-- Deploy position_manager:functions/pms/value to pg
-- requires: functions/pms/quotient

BEGIN;

CREATE OR REPLACE FUNCTION pms.value(
    quantity numeric,
    price numeric,
    multiplier numeric,
    is_inverse boolean
)
RETURNS numeric
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN is_inverse THEN pms.quotient(-quantity * multiplier, price, 0.000000000000000001)
    ELSE round(quantity * price * multiplier, 18)
END;

COMMENT ON FUNCTION pms.value IS $$What a quantity is worth at a price, in the settlement currency

Linear: quantity * price * multiplier. Inverse (coin-margined): -quantity * multiplier / price.
Rounded to 18 fractional digits. Source: accounting.md, "State of a leg and the fold".$$;

GRANT EXECUTE ON FUNCTION pms.value TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
