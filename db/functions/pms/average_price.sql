-- Deploy position_manager:functions/pms/average_price to pg
-- requires: functions/pms/quotient

BEGIN;

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
    WHEN is_inverse THEN pms.quotient(-size * multiplier, cost, 0.000000000001)
    ELSE pms.quotient(cost, size * multiplier, 0.000000000001)
END;

COMMENT ON FUNCTION pms.average_price IS
$$The average entry price that a cost implies; null when flat

Never stored: a running average leaks money, a cost does not. Rounded half away from zero to
12 fractional digits.$$;

GRANT EXECUTE ON FUNCTION pms.average_price TO pms_reader, pms_trader, pms_operator, pms_analyst;

COMMIT;
