CREATE OR REPLACE FUNCTION pms.capture_portfolio(at timestamptz)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_minute timestamptz := date_trunc('minute', capture_portfolio.at, 'UTC');
    v_kept bigint;
BEGIN
    -- Kept apart from the query of the totals (ADR 0002).
    WITH given AS MATERIALIZED (
        SELECT DISTINCT ON (c.account) c.account, c.amount
        FROM pms.capital c
        WHERE c.effective_at <= capture_portfolio.at
        ORDER BY c.account, c.effective_at DESC
    ),

    kept AS (
        INSERT INTO pms.portfolio_history (
            account, recorded_at, capital, net_pnl, realized, unrealized_pnl, fees_paid, funding,
            exposure, net_exposure, open_positions_count, long_positions_count,
            short_positions_count, complete
        )
        SELECT
            coalesce(t.account, '*'),
            v_minute,
            coalesce(
                (
                    SELECT sum(g.amount)
                    FROM given g
                    WHERE t.is_all_accounts OR g.account = t.account
                ),
                0
            ),
            t.net_pnl_usdt,
            t.net_pnl_usdt - t.unrealized_pnl_usdt + t.fees_paid_usdt - t.funding_usdt,
            t.unrealized_pnl_usdt,
            t.fees_paid_usdt,
            t.funding_usdt,
            t.exposure_usdt,
            t.net_exposure_usdt,
            t.open_positions_count,
            t.long_positions_count,
            t.short_positions_count,
            t.complete
        FROM pms.portfolio_totals(pms.current_legs(NULL)) t
        WHERE t.is_all_assets
        ON CONFLICT ON CONSTRAINT portfolio_history_pkey DO NOTHING
        RETURNING account, recorded_at, net_pnl
    ),

    marked AS (
        INSERT INTO pms.equity_marks AS m (
            account, began_at, recorded_at, net_pnl, peak_net_pnl, peak_at, day_net_pnl
        )
        SELECT
            k.account, k.recorded_at, k.recorded_at, k.net_pnl, greatest(k.net_pnl, 0),
            k.recorded_at, 0
        FROM kept k
        ORDER BY k.account
        ON CONFLICT ON CONSTRAINT equity_marks_pkey DO UPDATE
        SET recorded_at = excluded.recorded_at,
            net_pnl = excluded.net_pnl,
            peak_net_pnl = greatest(m.peak_net_pnl, excluded.net_pnl),
            peak_at = CASE
                WHEN excluded.net_pnl > m.peak_net_pnl THEN excluded.recorded_at
                ELSE m.peak_at
            END,
            day_net_pnl = CASE
                WHEN m.recorded_at < date_trunc('day', excluded.recorded_at, 'UTC') THEN m.net_pnl
                ELSE m.day_net_pnl
            END
        -- Ignore rows older than the current mark: the clock was set back.
        WHERE m.recorded_at < excluded.recorded_at
    )

    SELECT count(*) INTO v_kept FROM kept k;

    RETURN v_kept;
END
$$;

COMMENT ON FUNCTION pms.capture_portfolio IS
$$Keep the totals of each account, and of all, of a minute

at: any moment of it. Returns how many were kept: none of a minute that is kept already. What the
history says of drawdown and of today goes along (pms.equity_marks).$$;

CREATE OR REPLACE FUNCTION pms.record_portfolio_history(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
-- One step, however many accounts there are: a minute is one statement.
SELECT
    NULL::jsonb,
    CASE k.kept
        WHEN 0 THEN 'this minute is kept already'
        ELSE format('the totals of %s accounts kept, and of all together', k.kept - 1)
    END
FROM pms.capture_portfolio(clock_timestamp()) k (kept)
$$;

COMMENT ON FUNCTION pms.record_portfolio_history IS $$A job: keep the totals of this minute

A step of it, see pms.job_step. Safe to repeat: a minute is kept once.$$;
