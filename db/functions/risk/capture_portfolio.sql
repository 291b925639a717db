CREATE OR REPLACE FUNCTION pms.record_limits(limits pms.limit_state[], at timestamptz)
RETURNS void
LANGUAGE sql
AS $$
DELETE FROM pms.recorded_limits r
WHERE NOT EXISTS (SELECT 1 FROM unnest(record_limits.limits) u WHERE u.id = r.limit_id);

INSERT INTO pms.recorded_limits AS r (limit_id, value, utilisation, level, recorded_at)
SELECT u.id, u.value, u.utilisation, u.level, record_limits.at
FROM unnest(record_limits.limits) u
ORDER BY u.id
ON CONFLICT ON CONSTRAINT recorded_limits_pkey DO UPDATE
SET value = excluded.value,
    utilisation = excluded.utilisation,
    level = excluded.level,
    recorded_at = excluded.recorded_at
WHERE (r.value, r.utilisation, r.level)
    IS DISTINCT FROM (excluded.value, excluded.utilisation, excluded.level)
$$;

COMMENT ON FUNCTION pms.record_limits IS
'Record the use of all limits, and delete those that are gone.';

CREATE OR REPLACE FUNCTION pms.capture_portfolio(at timestamptz)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_minute timestamptz;
    v_day_began timestamptz;
    v_reading pms.portfolio_reading;
    v_written bigint;
BEGIN
    -- One at a time, and never before the last minute: the clock may have been set back.
    UPDATE pms.portfolio_history_extent e
    SET recorded_at = greatest(
        date_trunc('minute', capture_portfolio.at, 'UTC'), e.recorded_at
    )
    RETURNING e.recorded_at INTO v_minute;

    v_reading := pms.read_portfolio('history', capture_portfolio.at);

    IF v_reading.totals IS NULL THEN
        RETURN 0;
    END IF;

    v_day_began := (SELECT pms.day_began(v_minute, s.time_zone) FROM pms.settings s);
    PERFORM pms.store_reading('{history}', v_reading);
    PERFORM pms.record_limits(v_reading.limits, v_minute);

    WITH given AS (
        SELECT b.account, b.cash, b.amount, b.missing
        FROM pms.equity_bases(NULL, capture_portfolio.at) b
    ),

    total AS (
        SELECT
            coalesce(t.account, '*') AS account,
            coalesce(
                (
                    SELECT sum(g.amount)
                    FROM given g
                    WHERE t.is_all_accounts OR g.account = t.account
                ),
                0
            ) AS capital,
            t.net_pnl_usdt AS net_pnl,
            t.net_pnl_usdt - t.unrealized_pnl_usdt + t.fees_paid_usdt - t.funding_usdt AS realized,
            t.unrealized_pnl_usdt AS unrealized_pnl,
            t.fees_paid_usdt AS fees_paid,
            t.funding_usdt AS funding,
            t.exposure_usdt AS exposure,
            t.net_exposure_usdt AS net_exposure,
            t.open_positions_count,
            t.long_positions_count,
            t.short_positions_count,
            t.complete AND NOT EXISTS (
                SELECT 1
                FROM given g
                WHERE (t.is_all_accounts OR g.account = t.account)
                    AND g.missing <> '{}'
            ) AS complete
        FROM unnest(v_reading.totals) t
        WHERE t.is_all_assets
        UNION ALL
        -- An account that has nothing but cash.
        SELECT g.account, g.amount, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, g.missing = '{}'
        FROM given g
        WHERE g.cash IS NOT NULL
            AND g.account NOT IN (
                SELECT t.account FROM unnest(v_reading.totals) t WHERE NOT t.is_all_accounts
            )
    ),

    written AS (
        INSERT INTO pms.portfolio_history AS h (
            account, recorded_at, capital, net_pnl, realized, unrealized_pnl, fees_paid, funding,
            exposure, net_exposure, open_positions_count, long_positions_count,
            short_positions_count, complete, peak_net_pnl
        )
        SELECT
            t.account, v_minute, t.capital, t.net_pnl, t.realized, t.unrealized_pnl, t.fees_paid,
            t.funding, t.exposure, t.net_exposure, t.open_positions_count, t.long_positions_count,
            t.short_positions_count, t.complete, greatest(m.peak_net_pnl, t.net_pnl, 0)
        FROM total t
        LEFT JOIN pms.equity_marks m ON t.account = m.account
        LEFT JOIN LATERAL (
            SELECT k.*
            FROM pms.portfolio_history k
            WHERE k.account = t.account
                -- Spares the partitions before it.
                AND k.recorded_at >= m.recorded_at
            ORDER BY k.recorded_at DESC
            LIMIT 1
        ) n ON TRUE
        WHERE (
                n.capital, n.net_pnl, n.realized, n.unrealized_pnl, n.fees_paid, n.funding,
                n.exposure, n.net_exposure, n.open_positions_count, n.long_positions_count,
                n.short_positions_count, n.complete
            ) IS DISTINCT FROM (
                t.capital, t.net_pnl, t.realized, t.unrealized_pnl, t.fees_paid, t.funding,
                t.exposure, t.net_exposure, t.open_positions_count, t.long_positions_count,
                t.short_positions_count, t.complete
            )
        ON CONFLICT ON CONSTRAINT portfolio_history_pkey DO UPDATE
        SET capital = excluded.capital,
            net_pnl = excluded.net_pnl,
            realized = excluded.realized,
            unrealized_pnl = excluded.unrealized_pnl,
            fees_paid = excluded.fees_paid,
            funding = excluded.funding,
            exposure = excluded.exposure,
            net_exposure = excluded.net_exposure,
            open_positions_count = excluded.open_positions_count,
            long_positions_count = excluded.long_positions_count,
            short_positions_count = excluded.short_positions_count,
            complete = excluded.complete,
            peak_net_pnl = excluded.peak_net_pnl
        RETURNING h.account, h.recorded_at, h.net_pnl, h.peak_net_pnl
    ),

    marked AS (
        INSERT INTO pms.equity_marks AS m (
            account, began_at, recorded_at, net_pnl, peak_net_pnl, peak_at, day_net_pnl
        )
        SELECT
            w.account, w.recorded_at, w.recorded_at, w.net_pnl, w.peak_net_pnl, w.recorded_at, 0
        FROM written w
        ORDER BY w.account
        ON CONFLICT ON CONSTRAINT equity_marks_pkey DO UPDATE
        SET recorded_at = excluded.recorded_at,
            net_pnl = excluded.net_pnl,
            peak_net_pnl = excluded.peak_net_pnl,
            peak_at = CASE
                WHEN excluded.peak_net_pnl > m.peak_net_pnl THEN excluded.recorded_at
                ELSE m.peak_at
            END,
            day_net_pnl = CASE
                WHEN m.recorded_at < v_day_began THEN m.net_pnl
                ELSE m.day_net_pnl
            END
    )

    SELECT count(*) INTO v_written FROM written w;

    RETURN v_written;
END
$$;

COMMENT ON FUNCTION pms.capture_portfolio IS
$$Record the totals of a minute: of each account, each book, and of all, where they have changed

at: any moment of the minute. Returns the number of rows written: one for each account whose totals
differ from its newest row. A second call in a minute replaces the rows of the minute, and so does a
call for an earlier one: until a clock that was set back has caught up, the newest rows are replaced.
Updates pms.equity_marks and pms.recorded_limits with the history.$$;

CREATE OR REPLACE FUNCTION pms.record_portfolio_history(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
-- One step, however many accounts there are: a minute is one statement.
SELECT
    NULL::jsonb,
    concat(
        format('%s rows written', k.written),
        (
            SELECT format('; the clock is behind %s', pms.time_text(e.recorded_at))
            FROM pms.portfolio_history_extent e
            WHERE e.recorded_at > clock_timestamp()
        )
    )
FROM pms.capture_portfolio(clock_timestamp()) k (written)
$$;

COMMENT ON FUNCTION pms.record_portfolio_history IS $$A job: record the totals of this minute

A step of it, see pms.job_step. Safe to repeat: totals that have not changed are not written again.$$;
