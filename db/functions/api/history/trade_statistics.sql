CREATE OR REPLACE FUNCTION pms.trade_statistics_in(
    currencies text[],
    part text,
    account text,
    asset text,
    from_time timestamptz,
    to_time timestamptz,
    time_zone text
)
RETURNS TABLE (currency text, found pms.trade_statistics)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_accounts text[] := CASE part
        WHEN 'book' THEN pms.accounts_of_books(account)
        ELSE pms.accounts_of(account)
    END;
    v_asset text := (SELECT n.asset FROM pms.asset_of(trade_statistics_in.asset) n);
BEGIN
    RETURN QUERY
    SELECT
        t.currency,
        (
            t.part,
            t.settlement_currency,
            count(*),
            count(*) FILTER (WHERE t.net_pnl > 0),
            count(*) FILTER (WHERE t.net_pnl < 0),
            trim_scale(pms.div_round(count(*) FILTER (WHERE t.net_pnl > 0), count(*), 12)),
            trim_scale(pms.div_round(
                coalesce(sum(t.net_pnl) FILTER (WHERE t.net_pnl > 0), 0),
                -sum(t.net_pnl) FILTER (WHERE t.net_pnl < 0),
                12
            )),
            trim_scale(sum(t.net_pnl)),
            trim_scale(pms.div_round(sum(t.net_pnl), count(*), 12)),
            max(t.net_pnl),
            min(t.net_pnl),
            round(avg(t.duration_minutes))::bigint,
            trim_scale(sum(t.turnover))
        )::pms.trade_statistics
    FROM (
        SELECT
            f.currency,
            coalesce(f.currency, (c.trip).settlement_currency) AS settlement_currency,
            trim_scale(CASE f.rate
                WHEN 1 THEN (c.trip).net_pnl
                ELSE round((c.trip).net_pnl * f.rate, 12)
            END) AS net_pnl,
            trim_scale(CASE f.rate
                WHEN 1 THEN (c.trip).turnover
                ELSE round((c.trip).turnover * f.rate, 12)
            END) AS turnover,
            (c.trip).duration_minutes,
            CASE trade_statistics_in.part
                WHEN 'asset' THEN (c.key).asset
                WHEN 'account' THEN (c.key).account
                WHEN 'book' THEN pms.book_of((c.key).account)
                ELSE date_trunc(
                    trade_statistics_in.part, (c.trip).closed_at AT TIME ZONE time_zone
                )::date::text
            END AS part
        FROM (
            SELECT array_agg((p.account, p.asset, p.mode, p.leg)::pms.leg_key) AS legs
            FROM pms.positions p
            WHERE p.version > 0
                AND CASE
                    WHEN v_accounts IS NULL THEN NOT pms.is_book(p.account)
                    ELSE p.account = ANY(v_accounts)
                END
                AND (v_asset IS NULL OR p.asset = v_asset)
                -- Only what a leg did since then can have closed a cycle.
                AND (from_time IS NULL OR p.last_executed_at >= from_time)
            -- Legs share the start of the query, which costs more than a few of them; more at once
            -- would only need more memory.
            GROUP BY p.leg_id / 100
        ) k
        CROSS JOIN LATERAL pms.round_trips(
            k.legs, coalesce(from_time, '-infinity'), coalesce(to_time, 'infinity'),
            has_extremes => FALSE
        ) c
        CROSS JOIN LATERAL (
            SELECT
                u.currency,
                pms.rate_to(u.currency, (c.trip).settlement_currency, (c.trip).closed_at) AS rate
            FROM unnest(currencies) u (currency)
            -- Computed once, not by each column that reads it (ADR 0002).
            OFFSET 0
        ) f
        WHERE f.rate IS NOT NULL
    ) t
    GROUP BY t.currency, t.part, t.settlement_currency
    ORDER BY t.part, t.settlement_currency;
END
$$;

COMMENT ON FUNCTION pms.trade_statistics_in IS
$$The rows of api.trade_statistics in each of some currencies; null is that of settlement

part: as pms.require_part returns it; time_zone: as pms.resolve_time_zone.$$;

CREATE OR REPLACE FUNCTION api.trade_statistics(
    part text DEFAULT NULL,
    account text DEFAULT NULL,
    asset text DEFAULT NULL,
    from_time timestamptz DEFAULT NULL,
    to_time timestamptz DEFAULT NULL,
    time_zone text DEFAULT NULL,
    currency text DEFAULT NULL
)
RETURNS SETOF pms.trade_statistics
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT (s.found).*
FROM pms.trade_statistics_in(
        ARRAY[trade_statistics.currency], pms.require_part(trade_statistics.part),
        trade_statistics.account, trade_statistics.asset, trade_statistics.from_time,
        trade_statistics.to_time, pms.resolve_time_zone(trade_statistics.time_zone)
    ) s
$$;

COMMENT ON FUNCTION api.trade_statistics IS
$$Show win rate, profit factor, expectancy and turnover of closed cycles

A row for each settlement currency, and for each part: asset, account, book (of account, or of
main), week (from Monday), month or year; without part, of all. With currency: of all settlement
currencies together in that one, each cycle at the rates of when it closed, without those that
had none. Those that closed from from_time to to_time, inclusive; without them all. part: the
asset, the account or the first day of the period, in time_zone; without it, in that of
POSITION_MANAGER_TIME_ZONE. won and lost: by net_pnl; profit_factor: what was won for each unit
lost, null when nothing was lost; expectancy: the average net_pnl; average_minutes: from opening
to closing; turnover: the values of all they opened and closed. Amounts are in the settlement
currency, quotients have 12 fractional digits. No rows: nothing closed then.

Refuses with:
- 400 `unknown part`, `unknown time zone`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.trade_statistics TO pms_reader, pms_trader, pms_operator, pms_analyst;
