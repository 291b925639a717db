-- Deploy position_manager:functions/pms/rate_at to pg
-- requires: functions/pms/price_at

BEGIN;

CREATE OR REPLACE FUNCTION pms.rate_at(
    currency text,
    at timestamptz DEFAULT now(),
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT CASE rate_at.currency
    WHEN 'USDT' THEN 1
    ELSE (
        SELECT p.mark_price
        FROM pms.price_at(rate_at.currency || 'USDT', rate_at.at, rate_at.known_at) p
        WHERE p.mark_price > 0
    )
END
$$;

COMMENT ON FUNCTION pms.rate_at IS $$USDT for one unit of a currency at a moment, as known at one

The mark price of CURRENCYUSDT; null where none was known. A rate between two currencies is the
quotient of theirs.$$;

COMMIT;
