CREATE OR REPLACE FUNCTION pms.stale_rates(
    currencies text[],
    at timestamptz DEFAULT now(),
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS text[]
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the tables.
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_moment timestamptz := least(at, known_at, clock_timestamp());
BEGIN
    IF currencies = '{}' THEN
        RETURN currencies;
    END IF;

    RETURN ARRAY(
        SELECT DISTINCT c.currency
        FROM unnest(stale_rates.currencies) c (currency)
        CROSS JOIN pms.settings s
        CROSS JOIN LATERAL pms.price_at(
            c.currency || 'USDT', stale_rates.at, stale_rates.known_at
        ) r
        LEFT JOIN pms.held_prices h
            ON h.asset = c.currency || 'USDT' AND h.held_since <= v_moment
        WHERE c.currency <> 'USDT'
            AND (
                h.asset IS NOT NULL
                OR NOT pms.is_fresh(r.priced_at, v_moment, s.price_staleness_threshold)
            )
        ORDER BY c.currency
    );
END
$$;

COMMENT ON FUNCTION pms.stale_rates IS
$$The currencies whose rate to USDT is stale at a moment, as known at one

Older than price_staleness_threshold, or in doubt for a held price. A currency without a rate is not
among them.$$;

GRANT EXECUTE ON FUNCTION pms.stale_rates TO pms_reader, pms_trader, pms_operator, pms_analyst;
