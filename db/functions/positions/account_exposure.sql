CREATE OR REPLACE FUNCTION pms.usdt_rate(currency text)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (SELECT r.rate FROM pms.usdt_rates r WHERE r.currency = usdt_rate.currency);
END
$$;

COMMENT ON FUNCTION pms.usdt_rate IS $$The current USDT rate of a currency, or null

In PL/pgSQL, so that the lookup is no part of each plan: nearly all contracts settle in USDT.$$;

CREATE OR REPLACE FUNCTION pms.account_exposure(account text)
RETURNS numeric
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the tables.
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_kept CONSTANT numeric := (
        SELECT coalesce(
            sum(
                t.exposure
                * CASE WHEN t.currency = 'USDT' THEN 1 ELSE pms.usdt_rate(t.currency) END
            ),
            0
        )
        FROM pms.account_totals t
        WHERE t.account = account_exposure.account
    );
    v_assets text[] := ARRAY(SELECT m.asset FROM pms.prices m WHERE NOT m.is_marked);
BEGIN
    IF v_assets = '{}' THEN
        RETURN v_kept;
    END IF;

    -- The planner cannot know which is less: these prices or the legs of this account.
    IF cardinality(v_assets) > 100 THEN
        v_assets := ARRAY(
            SELECT DISTINCT p.asset
            FROM pms.positions p
            INNER JOIN pms.prices m ON p.asset = m.asset
            WHERE p.account = account_exposure.account
                AND NOT m.is_marked
        );
    END IF;

    RETURN v_kept + (
        SELECT coalesce(
            sum(
                (
                    pms.leg_exposure(p.size, m.mark_price, i.multiplier, i.kind = 'inverse')
                    - p.exposure
                )
                * CASE
                    WHEN i.settlement_currency = 'USDT' THEN 1
                    ELSE pms.usdt_rate(i.settlement_currency)
                END
            ),
            0
        )
        FROM unnest(v_assets) a (asset)
        INNER JOIN pms.prices m ON a.asset = m.asset
        INNER JOIN pms.instruments i ON a.asset = i.asset
        -- OFFSET 0 keeps both columns conditions of the index (ADR 0002).
        CROSS JOIN LATERAL (
            SELECT
                h.size,
                h.exposure
            FROM pms.positions h
            WHERE h.account = account_exposure.account
                AND h.asset = a.asset
                AND h.size <> 0
            OFFSET 0
        ) p
    );
END
$$;

COMMENT ON FUNCTION pms.account_exposure IS
$$The exposure of an account in USDT, at the newest prices

The sum over its open legs with a price and a rate. It is kept: of the legs, it reads only those that
are not stored with their newest price yet.$$;

GRANT EXECUTE ON FUNCTION pms.account_exposure
TO pms_reader, pms_trader, pms_operator, pms_analyst;
