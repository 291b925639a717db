CREATE OR REPLACE FUNCTION pms.rate_status(
    currency text,
    at timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS text
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the tables.
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_asset CONSTANT text := (SELECT r.asset FROM pms.rate_asset(currency) r);
    v_moment CONSTANT timestamptz := least(at, known_at, clock_timestamp());
    v_priced_at timestamptz;
BEGIN
    IF currency = 'USDT' THEN
        RETURN 'fresh';
    END IF;

    SELECT p.priced_at
    INTO v_priced_at
    FROM pms.price_at(v_asset, rate_status.at, rate_status.known_at) p
    WHERE p.mark_price > 0;

    RETURN (
        SELECT CASE
            WHEN v_priced_at IS NULL THEN 'missing'
            WHEN pms.is_fresh(v_priced_at, v_moment, s.price_staleness_threshold)
                AND NOT EXISTS (
                    SELECT 1
                    FROM pms.held_prices h
                    WHERE h.asset = v_asset
                        AND h.held_since <= v_moment
                )
                THEN 'fresh'
            ELSE 'stale'
        END
        FROM pms.settings s
    );
END
$$;

COMMENT ON FUNCTION pms.rate_status IS
$$Whether the rate of a currency to USDT is fresh, stale or missing at a moment, as known at one

stale: older than price_staleness_threshold, or in doubt for a held price. The rate is that of
pms.rate_at.$$;

GRANT EXECUTE ON FUNCTION pms.rate_status TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.stale_rates(
    currencies text[],
    at timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS text[]
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no USAGE on pms.
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF currencies = '{}' THEN
        RETURN currencies;
    END IF;

    RETURN ARRAY(
        SELECT c.currency
        FROM (SELECT DISTINCT u.currency FROM unnest(stale_rates.currencies) u (currency)) c
        WHERE pms.rate_status(c.currency, stale_rates.at, stale_rates.known_at) = 'stale'
        ORDER BY c.currency
    );
END
$$;

COMMENT ON FUNCTION pms.stale_rates IS
$$The currencies whose rate to USDT is stale at a moment, as known at one$$;

GRANT EXECUTE ON FUNCTION pms.stale_rates TO pms_reader, pms_trader, pms_operator, pms_analyst;
