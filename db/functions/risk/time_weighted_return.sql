-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.leg_steps(
    leg pms.positions,
    since timestamptz,
    until timestamptz
)
RETURNS TABLE (
    executed_at timestamptz,
    size numeric,
    cost numeric,
    cash numeric
)
LANGUAGE sql
STABLE
AS $$
SELECT
    s.executed_at,
    (s.state).size - (s.before).size,
    (s.state).cost - (s.before).cost,
    (s.state).realized - (s.state).fees_open - (s.state).fees_close + (s.state).funding
    - (s.before).realized + (s.before).fees_open + (s.before).fees_close - (s.before).funding
FROM (
    SELECT h.entry_id, h.executed_at, h.state, lag(h.state) OVER (ORDER BY h.ordinal) AS before
    FROM pms.leg_history(
        (leg_steps.leg).account, (leg_steps.leg).asset, (leg_steps.leg).mode,
        (leg_steps.leg).leg, leg_steps.since, leg_steps.until
    ) h
) s
WHERE s.entry_id IS NOT NULL
    AND s.executed_at >= leg_steps.since
$$;

COMMENT ON FUNCTION pms.leg_steps IS
$$What each entry of a leg changed, of the event times from since to until

cash: realized PnL less fees plus funding.$$;

CREATE OR REPLACE FUNCTION pms.net_pnl_at(
    accounts text[],
    of_asset text,
    moments timestamptz[]
)
RETURNS TABLE (at timestamptz, net_pnl numeric)
LANGUAGE plpgsql
STABLE
-- A plan for any number of moments would be one for few.
SET plan_cache_mode = force_custom_plan
SET jit = off
AS $$
DECLARE
    v_begins_at CONSTANT timestamptz := pms.ledger_begins_at();
BEGIN
    RETURN QUERY
    WITH moment AS MATERIALIZED (
        SELECT u.at, pms.quarter_hour(u.at) AS quarter_hour FROM unnest(moments) u (at)
    ),

    flow AS MATERIALIZED (
        SELECT
            c.leg_id, c.asset, c.quarter_hour, sum(c.size) AS size, sum(c.cost) AS cost,
            sum(c.realized - c.fees_open - c.fees_close + c.funding) AS cash
        FROM pms.pnl_changes(accounts, of_asset, '-infinity') c
        GROUP BY c.leg_id, c.asset, c.quarter_hour
    ),

    step AS MATERIALIZED (
        SELECT q.quarter_hour, p.asset, s.executed_at, s.size, s.cost, s.cash
        FROM (
            SELECT m.quarter_hour, max(m.at) AS latest_at
            FROM moment m
            -- A moment in an archived period is that at which its quarter hour began.
            WHERE m.quarter_hour >= v_begins_at
            GROUP BY m.quarter_hour
        ) q
        INNER JOIN (
            SELECT DISTINCT f.leg_id, f.asset, f.quarter_hour FROM flow f
        ) c ON q.quarter_hour = c.quarter_hour
        INNER JOIN pms.positions p
            ON c.asset = p.asset
                AND (c.leg_id = p.leg_id OR c.leg_id = 0 AND NOT pms.is_book(p.account))
        CROSS JOIN LATERAL pms.leg_steps(p, q.quarter_hour, q.latest_at) s
    ),

    -- By asset: the value of a sum is the sum of the values.
    part AS (
        SELECT
            s.at, s.asset,
            sum(s.size) OVER place AS size,
            sum(s.cost) OVER place AS cost,
            sum(s.cash) OVER place AS cash
        FROM (
            SELECT f.asset, f.quarter_hour, NULL AS at, f.size, f.cost, f.cash
            FROM flow f
            UNION ALL
            SELECT a.asset, m.quarter_hour, m.at, 0, 0, 0
            FROM moment m
            CROSS JOIN (SELECT DISTINCT f.asset FROM flow f) a
        ) s
        WINDOW place AS (
            PARTITION BY s.asset ORDER BY s.quarter_hour, s.at NULLS LAST
            ROWS UNBOUNDED PRECEDING
        )
        UNION ALL
        -- What happened in the quarter hour before the moment.
        SELECT m.at, s.asset, s.size, s.cost, s.cash
        FROM moment m
        INNER JOIN step s ON m.quarter_hour = s.quarter_hour AND m.at >= s.executed_at
    )

    SELECT
        h.at,
        CASE
            WHEN bool_and(w.net_pnl IS NOT NULL AND (r.rate IS NOT NULL OR w.net_pnl = 0))
                THEN sum(w.net_pnl * coalesce(r.rate, 0))
        END
    FROM (
        SELECT p.at, p.asset, sum(p.size) AS size, sum(p.cost) AS cost, sum(p.cash) AS cash
        FROM part p
        WHERE p.at IS NOT NULL
        GROUP BY p.at, p.asset
        HAVING (sum(p.size), sum(p.cost), sum(p.cash)) <> (0, 0, 0)
    ) h
    INNER JOIN pms.instruments i ON h.asset = i.asset
    CROSS JOIN LATERAL (
        SELECT h.cash - h.cost + CASE
            WHEN h.size = 0 THEN 0
            ELSE pms.contract_value(
                    h.size, (SELECT p.mark_price FROM pms.price_at(h.asset, h.at) p),
                    pms.multiplier_at(i, h.at), i.kind = 'inverse'
                )
        END AS net_pnl
        -- Valued once, not by each column that reads it (ADR 0002).
        OFFSET 0
    ) w
    CROSS JOIN LATERAL (
        SELECT pms.rate_at(i.settlement_currency, h.at) AS rate OFFSET 0
    ) r
    GROUP BY h.at;
END
$$;

COMMENT ON FUNCTION pms.net_pnl_at IS
$$The net PnL of accounts at moments of the past, in USDT, as known now

From the stored changes of quarter hours: costs as much as there are of these, and little for each
moment. accounts: null is all there are; of_asset: null is all. No row before the first entry; null
when an amount has no price or rate.$$;

CREATE OR REPLACE FUNCTION pms.valued_movements(
    accounts text[],
    asset text,
    until timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS pms.equity_movement[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_movements pms.equity_movement[];
    v_moments timestamptz[];
BEGIN
    IF NOT pms.has_cash(accounts) THEN
        RETURN NULL;
    END IF;

    v_movements := ARRAY(
        SELECT m FROM pms.equity_movements(accounts, until, known_at) m ORDER BY m.at
    );
    v_moments := ARRAY(SELECT m.at FROM unnest(v_movements) m WHERE m.flow <> 0);
    RETURN ARRAY(
        WITH net AS (
            SELECT n.at, n.net_pnl
            FROM pms.net_pnl_at(accounts, asset, v_moments) n
            WHERE known_at = 'infinity'
            UNION ALL
            -- As it was known: from the ledger, leg by leg.
            SELECT
                u.at,
                (
                    SELECT CASE
                        WHEN bool_and(t.unpriced = '{}') IS NOT FALSE
                            THEN coalesce(sum(t.net_pnl_usdt), 0)
                    END
                    FROM pms.sum_positions(
                        ARRAY(
                            SELECT l
                            FROM unnest(coalesce(accounts, ARRAY[NULL])) a (account)
                            CROSS JOIN LATERAL pms.legs_as_of(
                                u.at, valued_movements.known_at, a.account
                            ) l
                            WHERE valued_movements.asset IS NULL
                                OR l.asset = valued_movements.asset
                        ),
                        is_all_accounts => TRUE, is_all_assets => TRUE
                    ) t
                )
            FROM unnest(v_moments) u (at)
            WHERE known_at < 'infinity'
        )

        SELECT (
            m.at, m.flow, m.income, m.is_rated,
            CASE
                WHEN m.flow = 0 OR base.missing <> '{}' THEN NULL
                WHEN n.at IS NULL THEN base.amount
                ELSE base.amount + n.net_pnl
            END
        )::pms.equity_movement
        FROM unnest(v_movements) m
        LEFT JOIN net n ON m.at = n.at
        CROSS JOIN LATERAL pms.equity_base(accounts, m.at, known_at) base
        ORDER BY m.at
    );
END
$$;

COMMENT ON FUNCTION pms.valued_movements IS
$$The rows of pms.equity_movements, in order, with the equity after each flow

Null where none of the accounts has cash.$$;

CREATE OR REPLACE FUNCTION pms.time_weighted_return(
    opening numeric,
    closing numeric,
    movements pms.equity_movement[]
)
RETURNS numeric
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    c_places CONSTANT integer := 30;
    movement pms.equity_movement;
    v_start numeric := opening;
    v_growth numeric;
BEGIN
    FOREACH movement IN ARRAY movements LOOP
        IF NOT movement.is_rated THEN
            RETURN NULL;
        END IF;

        CONTINUE WHEN movement.flow = 0;
        IF v_start < 0 OR (movement.equity >= movement.flow) IS NOT TRUE THEN
            RETURN NULL;
        END IF;

        IF v_start > 0 THEN
            v_growth := round(
                coalesce(v_growth, 1)
                * pms.div_round(movement.equity - movement.flow, v_start, c_places),
                c_places
            );
        END IF;
        v_start := movement.equity;
    END LOOP;

    RETURN trim_scale(round(CASE
        WHEN v_start > 0
            THEN coalesce(v_growth, 1) * pms.div_round(closing, v_start, c_places)
        WHEN v_start = 0 THEN v_growth
    END - 1, 12));
END
$$;

COMMENT ON FUNCTION pms.time_weighted_return IS $$The time-weighted return of a span, as a ratio

From opening, the equity just before it, to closing at its end; movements: those within, in
order, of pms.valued_movements. R = product of E(i) / (E(i-1) + F(i-1)) - 1 over the sub-periods
between flows, where E(i) is the equity just before the flow F(i). Interest is no flow: it is
earned. opening: null is nothing before the first flow. A sub-period that begins with 0 does not
count. Null when none counts, when one begins or, before a flow, ends below 0, and when a price
or rate is missing. Each quotient is rounded to 30 places, the result to 12. Source: CFA
Institute, Global Investment Performance Standards (GIPS) for Firms, 2020, section 2, on
time-weighted returns.$$;
