CREATE OR REPLACE FUNCTION pms.present_worths(of_asset text)
RETURNS TABLE (asset text, unrealized numeric, is_priced boolean)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT f.asset, sum(f.unrealized_pnl), bool_and(f.unrealized_pnl IS NOT NULL)
    FROM pms.leg_figures(
        ARRAY(
            SELECT p.leg
            FROM pms.priced_legs p
            WHERE NOT pms.is_book(p.account)
                AND (of_asset IS NULL OR p.asset = of_asset)
        )
    ) f
    GROUP BY f.asset;
END
$$;

COMMENT ON FUNCTION pms.present_worths IS $$The present unrealized PnL of assets over all accounts

Leg by leg, as the totals: rounding the sum might give another last digit. of_asset: null is all.$$;

CREATE OR REPLACE FUNCTION pms.span_worths(
    accounts text[],
    asset text,
    spans pms.pnl_span[],
    ends pms.period_end[]
)
RETURNS SETOF pms.pnl_worth
LANGUAGE plpgsql
STABLE
-- A plan for any number of spans would be one for few.
SET plan_cache_mode = force_custom_plan
AS $$
DECLARE
    v_moments CONSTANT timestamptz[] := ARRAY(
        SELECT pms.closing_moment(e.ends_at) FROM unnest(ends) e ORDER BY e.ordinal
    );
    -- From this one on, what all accounts hold is valued by leg.
    v_present CONSTANT integer := (
        SELECT min(e.ordinal) FROM unnest(ends) e WHERE accounts IS NULL AND e.ends_at > now()
    );
BEGIN
    RETURN QUERY
    -- Looked up once for all legs of an asset.
    WITH closing AS MATERIALIZED (
        SELECT
            s.asset, s.since, i.kind = 'inverse' AS is_inverse,
            ARRAY(
                SELECT p.mark_price
                FROM unnest(m.moments) WITH ORDINALITY u (at, place)
                LEFT JOIN LATERAL pms.price_at(s.asset, u.at) p ON TRUE
                ORDER BY u.place
            ) AS prices,
            ARRAY(
                SELECT pms.multiplier_at(i, u.at)
                FROM unnest(m.moments) WITH ORDINALITY u (at, place)
                ORDER BY u.place
            ) AS multipliers
        FROM (
            SELECT n.asset, min(n.since) AS since, max(n.until) AS until
            FROM unnest(spans) n
            GROUP BY n.asset
        ) s
        INNER JOIN pms.instruments i ON s.asset = i.asset
        CROSS JOIN LATERAL (SELECT v_moments[s.since + 1:s.until] AS moments) m
    ),

    present AS MATERIALIZED (
        SELECT w.*
        FROM pms.present_worths(span_worths.asset) w
        WHERE v_present IS NOT NULL
    )

    SELECT
        s.row_group, e.ordinal, sum(v.unrealized), bool_and(v.is_priced AND NOT s.is_in_doubt),
        bool_or(s.cash + coalesce(v.unrealized, 0) <> 0)
    FROM unnest(spans) s
    INNER JOIN closing c ON s.asset = c.asset
    LEFT JOIN present n ON s.asset = n.asset
    CROSS JOIN LATERAL unnest(
        c.prices[s.since - c.since + 1:s.until - c.since],
        c.multipliers[s.since - c.since + 1:s.until - c.since]
    ) WITH ORDINALITY p (price, multiplier, place)
    CROSS JOIN LATERAL (
        SELECT
            s.since + p.place::integer - 1 AS ordinal,
            CASE
                WHEN s.size = 0 THEN 0
                ELSE pms.contract_value(s.size, p.price, p.multiplier, c.is_inverse)
            END - s.cost AS unrealized
        -- Valued once, not by each column that reads it (ADR 0002).
        OFFSET 0
    ) e
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN e.ordinal >= v_present THEN n.unrealized ELSE e.unrealized END AS unrealized,
            CASE WHEN e.ordinal >= v_present THEN n.is_priced ELSE e.unrealized IS NOT NULL END
                AS is_priced
    ) v
    GROUP BY s.row_group, e.ordinal;
END
$$;

COMMENT ON FUNCTION pms.span_worths IS
$$The unrealized PnL at the ends of periods, by row of the answer

accounts: null is all accounts together, valued by asset.$$;
