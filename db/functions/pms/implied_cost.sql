-- Deploy position_manager:functions/pms/implied_cost to pg
-- requires: functions/pms/value

BEGIN;

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

    v_cost := pms.value(size, mark_price, multiplier, is_inverse) - unrealized_pnl;
    -- A positive average has this sign, and no other.
    IF sign(v_cost) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END) THEN
        RETURN NULL;
    END IF;

    RETURN v_cost;
END
$$;

COMMENT ON FUNCTION pms.implied_cost IS $$The cost that a mark and an unrealised PnL imply, or null

value(size, mark) - unrealised PnL, exact; null when flat, when something is missing, or when no
positive average fits. The counterpart of pms.implied_mark.$$;

COMMIT;
