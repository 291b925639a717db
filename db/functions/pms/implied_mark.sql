-- Deploy position_manager:functions/pms/implied_mark to pg
-- requires: functions/pms/value

BEGIN;

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

    v_value := pms.value(size, average_price, multiplier, is_inverse) + unrealized_pnl;
    IF v_value = 0 OR sign(v_value) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END)
    THEN
        RETURN NULL;
    END IF;

    v_mark := CASE
        WHEN is_inverse THEN pms.quotient(-size * multiplier, v_value, 0.000000000001)
        ELSE pms.quotient(v_value, size * multiplier, 0.000000000001)
    END;
    RETURN CASE WHEN v_mark > 0 AND v_mark < 1e20 THEN trim_scale(v_mark) END;
END
$$;

COMMENT ON FUNCTION pms.implied_mark IS $$The mark price that a reported PnL implies, or null

The price at which value(size, price) = value(size, average) + unrealised PnL, rounded to 12
fractional digits; null when flat, when something is missing, or when no positive price fits.$$;

COMMIT;
