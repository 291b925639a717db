-- Parsed at creation, so that readers of a view need no USAGE on pms (ADR 0002).
CREATE OR REPLACE FUNCTION pms.limit_usage(
    limits pms.limits[],
    held pms.limit_basis[],
    marks pms.equity_marks[],
    day_began timestamptz
)
RETURNS SETOF pms.limit_state
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    WITH total AS (
        SELECT
            t.*,
            max(t.exposure) FILTER (WHERE t.asset = '*') OVER account AS whole,
            max(t.exposure) FILTER (WHERE t.asset <> '*') OVER account AS largest
        FROM unnest(held) t
        WINDOW account AS (PARTITION BY t.account)
    ),

    measured AS (
        SELECT
            l.*,
            coalesce(
                CASE l.metric
                    WHEN 'gross_exposure' THEN c.exposure
                    WHEN 'net_exposure' THEN abs(c.net_exposure)
                    WHEN 'position_size' THEN greatest(c.long_size, c.short_size)
                    WHEN 'open_positions' THEN c.open_positions
                    WHEN 'order_size' THEN c.order_size
                    -- Without an asset it is that of the largest one.
                    WHEN 'exposure_share'
                        THEN
                            CASE
                                WHEN c.whole > 0
                                    THEN pms.div_round(
                                            CASE l.asset
                                                WHEN '*' THEN c.largest ELSE c.exposure
                                            END,
                                            c.whole,
                                            12
                                        )
                            END
                    -- An account begins with a net PnL of 0; now may be the peak.
                    WHEN 'drawdown'
                        THEN greatest(m.peak_net_pnl, c.net_pnl, 0) - coalesce(c.net_pnl, 0)
                    WHEN 'daily_loss'
                        THEN greatest(
                                CASE
                                    WHEN m.recorded_at < day_began THEN m.net_pnl  -- noqa: RF03
                                    ELSE coalesce(m.day_net_pnl, 0)
                                END - coalesce(c.net_pnl, 0),
                                0
                            )
                END,
                0
            ) AS value
        FROM unnest(limits) l  -- noqa: RF03
        LEFT JOIN total c ON l.account = c.account AND l.asset = c.asset
        LEFT JOIN unnest(marks) m ON l.account = m.account  -- noqa: RF03
    )

    SELECT
        u.id,
        u.scope,
        nullif(u.account, '*') AS account,
        nullif(u.asset, '*') AS asset,
        u.metric,
        trim_scale(u.warn_level) AS warn_level,
        trim_scale(u.breach_level) AS breach_level,
        trim_scale(u.value) AS value,
        trim_scale(pms.div_round(u.value, u.breach_level, 12)) AS utilisation,
        CASE
            WHEN u.value > u.breach_level THEN 'breach'
            WHEN u.value > u.warn_level THEN 'warn'
            ELSE 'ok'
        END AS level  -- noqa: RF04
    FROM measured u;
END;

COMMENT ON FUNCTION pms.limit_usage IS $$The value, utilization and level of each limit

Pure: held are the totals, marks what the history says; day_began is when today began. Values:
gross_exposure and net_exposure (not signed) in USDT; position_size: the larger side of an asset, a
quantity; exposure_share: of an asset in its account, of the largest one without an asset, a ratio;
open_positions: their number; order_size: of a fill that is checked, in USDT, else 0;
drawdown: from the highest net PnL, in USDT; daily_loss: since the start of today,
in USDT. Capital that was added or taken out is neither gain nor loss. level: ok, warn or breach.$$;

GRANT EXECUTE ON FUNCTION pms.limit_usage TO pms_reader, pms_trader, pms_operator, pms_analyst;

-- SECURITY DEFINER: a view calls its functions with the rights of its readers.
CREATE OR REPLACE FUNCTION pms.limited_book_totals(
    as_of timestamptz DEFAULT NULL,
    known_at timestamptz DEFAULT NULL
)
RETURNS SETOF pms.portfolio_total
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text;
BEGIN
    FOR v_account IN
        SELECT DISTINCT l.account
        FROM pms.limits l
        WHERE pms.is_book(l.account)
            AND pms.in_scope(pms.base_account(l.account))
    LOOP
        RETURN QUERY
        SELECT t.*
        FROM pms.portfolio_totals(
                pms.select_legs(
                    limited_book_totals.as_of, limited_book_totals.known_at, v_account
                )
            ) t
        WHERE NOT t.is_all_accounts;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.limited_book_totals IS
$$The totals, and those of each asset, of the books in scope that have limits

as_of and known_at: null is now.$$;

GRANT EXECUTE ON FUNCTION pms.limited_book_totals
TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.account_limits(
    totals pms.portfolio_total[],
    account text,
    at timestamptz,
    ordered pms.order_total DEFAULT NULL
)
RETURNS SETOF pms.limit_state
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_limits pms.limits[] := ARRAY(
        SELECT l
        FROM pms.limits l
        WHERE (account_limits.account IS NULL OR l.account IN ('*', account_limits.account))
            -- To a key that is bound to accounts, a limit of all would show what others hold.
            AND pms.in_scope(pms.base_account(l.account))
    );
    v_day_began timestamptz;
    v_held pms.limit_basis[];
    v_marks pms.equity_marks[];
BEGIN
    IF v_limits = '{}' THEN
        RETURN;
    END IF;

    v_day_began := (
        SELECT pms.day_began(coalesce(account_limits.at, clock_timestamp()), s.time_zone)
        FROM pms.settings s
    );
    IF EXISTS (SELECT 1 FROM unnest(v_limits) l WHERE l.metric IN ('drawdown', 'daily_loss')) THEN
        v_marks := pms.equity_marks_at(account_limits.account, account_limits.at);
    END IF;

    -- A variable: with a subquery among its arguments pms.limit_usage would not be inlined, and
    -- planned at each call (ADR 0002).
    v_held := ARRAY(
        SELECT (
            coalesce(t.account, '*'), coalesce(t.asset, '*'), t.long_size, t.short_size,
            t.exposure_usdt, t.net_exposure_usdt, t.net_pnl_usdt, t.open_positions_count,
            CASE
                WHEN coalesce(t.account, ordered.account) = ordered.account
                    AND coalesce(t.asset, ordered.asset) = ordered.asset
                    THEN ordered.size_usdt
            END
        )::pms.limit_basis
        FROM unnest(account_limits.totals) t
    );

    RETURN QUERY
    SELECT u.*
    FROM pms.limit_usage(v_limits, v_held, v_marks, v_day_began) u
    ORDER BY u.scope DESC, u.id;
END
$$;

COMMENT ON FUNCTION pms.account_limits IS $$How far the limits that concern an account are used

Each by the total of its own scope: a limit of the portfolio by all accounts, always. totals:
over all accounts, or, for a bound key, over those it may see, with those of
pms.limited_book_totals; account: null is every limit; at: the moment of the totals, null is now;
ordered: the order that is checked.$$;
