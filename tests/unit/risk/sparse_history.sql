-- The portfolio history has rows for changes only: what is read between them and after thinning.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.fill(account text, quantity text, asset text DEFAULT 'ONE')
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_build_object(
    'event_type', 'order_executed', 'execution_id', gen_random_uuid(), 'account', account,
    'asset', asset, 'side', 'buy', 'execution_quantity', quantity, 'execution_price', '100'
)]) o
$$;

CREATE FUNCTION pg_temp.mark(price text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_prices(ARRAY[jsonb_build_object(
    'event_type', 'ticker', 'payload', jsonb_build_object('symbol', 'ONE', 'mark_price', price)
)]) o
$$;

-- Minutes of a day that began two months and ten days ago.
CREATE FUNCTION pg_temp.moment(clock text, days integer DEFAULT 0)
RETURNS timestamptz
LANGUAGE sql
RETURN (
    date_trunc('month', now() AT TIME ZONE 'UTC') - interval '2 months' + interval '10 days'
    + days * interval '1 day' + clock::interval
) AT TIME ZONE 'UTC';

CREATE FUNCTION pg_temp.record(price text, clock text, days integer DEFAULT 0)
RETURNS bigint
LANGUAGE sql
AS $$
SELECT pg_temp.mark(price);
SELECT pms.capture_portfolio(pg_temp.moment(clock, days))
$$;

CREATE FUNCTION pg_temp.thin()
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_step pms.job_step;
BEGIN
    FOR v_number IN 1..200 LOOP
        v_step := pms.thin_portfolio_history(v_step.progress);
        EXIT WHEN v_step.progress IS NULL;
    END LOOP;

    IF v_step.progress IS NOT NULL THEN
        RETURN 'unfinished';
    END IF;

    RETURN regexp_replace(v_step.done, ' from before .* deleted$', '');
END
$$;

SELECT is(pg_temp.thin(), '0 rows', 'an empty history has nothing to thin');
UPDATE pms.portfolio_history_extent e SET thinned_before = '-infinity';

SELECT api.set_capital(1000, 'first', '2020-01-01');
SELECT api.set_capital(0, 'second', '2020-01-01');
SELECT pg_temp.fill('first', '1');
SELECT pg_temp.fill('second', '1', 'OTHER');

SELECT is(pg_temp.record('100', '10:01'), 3::bigint, 'the first minute has a row for every account');
SELECT is(pg_temp.record('100', '10:02'), 0::bigint, 'a minute without a change has no row');
SELECT is(pg_temp.record('130', '10:03'), 2::bigint, 'an account without a change has no row');
SELECT is(pg_temp.record('90', '10:14'), 2::bigint, 'a minute with a change has a row');
SELECT is(pg_temp.record('95', '10:14:59'), 2::bigint, 'the totals of a minute are its last ones');
SELECT is(
    (SELECT count(*) FROM pms.portfolio_history h WHERE h.account = 'first'), 3::bigint,
    'a minute has one row'
);
SELECT is(pg_temp.record('95', '10:15'), 0::bigint, 'totals are compared with the newest row');
SELECT is(pg_temp.record('96', '10:13'), 2::bigint, 'what is recorded before the last minute is of that');
SELECT is(pg_temp.record('96', '10:15'), 0::bigint, 'the history goes on where the clock has caught up');
SELECT pg_temp.record('98', '23:50');
SELECT pg_temp.record('97', '23:58');
-- The capital changes, and not the net PnL.
SELECT api.set_capital(1500, 'first', pg_temp.moment('12:00', 3));
SELECT is(
    pms.capture_portfolio(pg_temp.moment('11:59', 3)), 0::bigint, 'capital counts from its time on'
);
SELECT is(
    pms.capture_portfolio(pg_temp.moment('12:00', 3)), 2::bigint, 'a change of capital is a change'
);
SELECT is(pg_temp.record('92', '08:00', 5), 2::bigint, 'a change after days without one has a row');

SELECT pms.capture_portfolio(pg_temp.moment('00:00', 6));
-- Limits: the peak was 30 at 10:03, the day ended with -3.
CREATE FUNCTION pg_temp.used(metric text, at timestamptz)
RETURNS numeric
LANGUAGE sql
AS $$
SELECT u.value
FROM pms.limit_usage(
    ARRAY(SELECT l FROM pms.limits l WHERE l.metric = used.metric),
    ARRAY[('first', '*', 0, 0, 0, 0, -8, 0, 0)]::pms.limit_basis[],
    pms.equity_marks_at('first', used.at),
    pms.day_began(coalesce(used.at, pg_temp.moment('12:00', 6)), 'UTC')
) u
$$;

INSERT INTO pms.limits (account, metric, breach_level)
VALUES ('first', 'daily_loss', 1000), ('first', 'drawdown', 1000);
SELECT is(
    ARRAY(
        SELECT pg_temp.used('daily_loss', m.at)
        FROM (
            VALUES
            (pg_temp.moment('10:13')), (pg_temp.moment('00:01', 1)), (pg_temp.moment('07:00', 5)),
            (pg_temp.moment('09:00', 5)), (NULL)
        ) m (at)
    ),
    '{8,5,5,5,0}',
    'the daily loss is since the newest row before the day, however old it is'
);

PREPARE drawdowns AS
SELECT
    d.peak_equity_usdt - (d.equity_usdt + d.drawdown_usdt) AS zero,
    max(d.drawdown_usdt) FILTER (WHERE d.recorded_at >= pg_temp.moment('10:14')) AS deepest,
    max(d.peak_equity_usdt) AS peak
FROM api.drawdown d
WHERE d.account = 'first'
GROUP BY 1;
SELECT results_eq(
    'drawdowns', $$ VALUES (0::numeric, 38::numeric, 1530::numeric) $$, 'the peak is remembered'
);
PREPARE marks AS
SELECT a.at, m.account, m.recorded_at, m.net_pnl, m.peak_net_pnl, m.day_net_pnl
FROM unnest(ARRAY[
    pg_temp.moment('10:14'), pg_temp.moment('23:59'), pg_temp.moment('00:00', 2),
    pg_temp.moment('08:01', 5)
]) a (at)
CROSS JOIN LATERAL unnest(pms.equity_marks_at('first', a.at)) m
WHERE m.account = 'first'
ORDER BY a.at;
CREATE TEMP TABLE marked AS EXECUTE marks;
SELECT is(
    ARRAY(SELECT (m.net_pnl, m.peak_net_pnl, m.day_net_pnl)::text FROM marked m ORDER BY m.at),
    '{"(-5,30,0)","(-3,30,0)","(-3,30,0)","(-8,30,-3)"}',
    'the marks at a moment are those of the newest row at or before it'
);

-- Two weeks of nothing, then eight days ago, seven days ago, and now.
CREATE FUNCTION pg_temp.quarter(back interval, minute integer)
RETURNS timestamptz
LANGUAGE sql
RETURN date_bin('15 minutes', now() - back, '2000-01-01Z') + minute * interval '1 minute';

SELECT pg_temp.mark('101');
SELECT pms.capture_portfolio(pg_temp.quarter('8 days', 1));
SELECT pg_temp.mark('102');
SELECT pms.capture_portfolio(pg_temp.quarter('8 days', 2));
SELECT pg_temp.mark('103');
SELECT pms.capture_portfolio(pg_temp.quarter('7 days', -2));
SELECT pg_temp.mark('104');
SELECT pms.capture_portfolio(pg_temp.quarter('7 days', -1));
SELECT pg_temp.mark('105');
SELECT pms.capture_portfolio(pg_temp.quarter('7 days', 0));
SELECT pg_temp.mark('106');
SELECT pms.capture_portfolio(pg_temp.quarter('7 days', 1));

CREATE TEMP TABLE recorded AS SELECT h.* FROM pms.portfolio_history h;
SELECT is(pg_temp.thin(), '8 rows', 'rows older than a week are thinned');
SELECT bag_eq(
    $$ SELECT h.account, h.recorded_at FROM pms.portfolio_history h $$,
    $$ SELECT DISTINCT ON (
           r.account, date_bin('15 minutes', r.recorded_at, '2000-01-01Z'), k.is_kept
       ) r.account, r.recorded_at
       FROM recorded r
       CROSS JOIN LATERAL (
           SELECT CASE
               WHEN r.recorded_at = pg_temp.moment('10:01')
                   OR r.recorded_at >= pg_temp.quarter('7 days', 0)
                   THEN r.recorded_at
           END
       ) k (is_kept)
       ORDER BY 1, date_bin('15 minutes', r.recorded_at, '2000-01-01Z'), k.is_kept,
           r.recorded_at DESC $$,
    'what stays is the last row of each quarter hour, the first of an account, and a week'
);
SELECT results_eq(
    'drawdowns', $$ VALUES (0::numeric, 38::numeric, 1530::numeric) $$,
    'a peak in a deleted row counts'
);
SELECT results_eq(
    'marks', $$ SELECT m.* FROM marked m ORDER BY m.at $$,
    'the marks at the end of a quarter hour do not change'
);
SELECT is(pg_temp.thin(), '0 rows', 'nothing is left to thin');

-- Retention.
SELECT pms.create_partitions('pms.portfolio_history', 1);
SELECT is(
    pms.drop_partitions('pms.portfolio_history', now() - interval '9 days'),
    ARRAY(
        SELECT to_char(m, 'YYYY-MM')
        FROM generate_series(
            pg_temp.moment('00:00') AT TIME ZONE 'UTC',
            now() AT TIME ZONE 'UTC' - interval '9 days', '1 month'
        ) m
        WHERE date_trunc('month', m) + interval '1 month' <= now() AT TIME ZONE 'UTC' - interval '9 days'
            AND EXISTS (
                SELECT 1 FROM recorded r
                WHERE date_trunc('month', r.recorded_at AT TIME ZONE 'UTC') = date_trunc('month', m)
            )
    ),
    'the months are dropped'
);
SELECT is(
    (SELECT (h.net_pnl, h.capital, h.peak_net_pnl)::text
     FROM pms.portfolio_history h WHERE h.account = 'second'),
    '(0,0,0)',
    'an account that has not changed since keeps the row that says what it was'
);
SELECT is(
    (SELECT (h.net_pnl, h.capital, h.peak_net_pnl)::text
     FROM pms.portfolio_history h
     WHERE h.account = 'first' ORDER BY h.recorded_at LIMIT 1),
    '(-8,1500,30)',
    'the totals before the first retained change are those at the end of the last dropped month'
);
SELECT is(
    pms.capture_portfolio(now()), 0::bigint, 'the row that was carried over is compared like any other'
);

SELECT * FROM finish();
ROLLBACK;
