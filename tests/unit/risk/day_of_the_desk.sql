-- The day of a daily loss begins at midnight in the time zone of the settings.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SELECT results_eq(
    $$ SELECT pms.day_began(v.at::timestamptz, v.zone) FROM (VALUES
        ('2026-01-05 18:14:59Z', 'Asia/Kathmandu'), ('2026-01-05 18:15Z', 'Asia/Kathmandu'),
        ('2026-01-05 18:15Z', 'UTC'), ('2026-03-08 12:00Z', 'America/New_York')
    ) v (at, zone) $$,
    $$ VALUES ('2026-01-04 18:15Z'::timestamptz), ('2026-01-05 18:15Z'), ('2026-01-05 00:00Z'),
        ('2026-03-08 05:00Z') $$,
    'a day begins at midnight of its time zone'
);

-- Hours after midnight of UTC, the day after tomorrow.
CREATE FUNCTION pg_temp.hour(hours numeric)
RETURNS timestamptz
LANGUAGE sql
RETURN date_trunc('day', now(), 'UTC') + interval '2 days' + hours * interval '1 hour';

CREATE FUNCTION pg_temp.loss_at(price numeric, at timestamptz)
RETURNS numeric
LANGUAGE sql
AS $$
UPDATE pms.prices SET mark_price = loss_at.price;
SELECT pms.capture_portfolio(loss_at.at);
SELECT u.value
FROM pms.account_limits(
    ARRAY(SELECT t FROM pms.portfolio_totals(pms.current_legs(NULL)) t), 'main', loss_at.at
) u
$$;

SELECT api.set_limit('daily_loss', 100, account => 'main');
UPDATE pms.settings SET time_zone = 'Asia/Kathmandu';
SELECT o.outcome
FROM pms.apply_prices(ARRAY[
    '{"event_type": "ticker", "payload": {"symbol": "ONE", "mark_price": "100"}}'
]::jsonb[]) o;
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[
    '{"event_type": "order_executed", "execution_id": "1", "asset": "ONE", "side": "buy",
      "execution_quantity": "1", "execution_price": "100"}'
]::jsonb[]) o;

-- In Kathmandu a day begins at 18:15 UTC.
SELECT is(pg_temp.loss_at(100, pg_temp.hour(12)), 0::numeric, 'nothing is lost at the price');
SELECT is(pg_temp.loss_at(90, pg_temp.hour(18)), 10::numeric, 'a loss is one of the day');
SELECT is(
    pg_temp.loss_at(85, pg_temp.hour(18.5)), 5::numeric,
    'midnight of the desk begins another day'
);
SELECT is(pg_temp.loss_at(80, pg_temp.hour(25)), 10::numeric, 'and midnight of UTC does not');
SELECT is(
    (SELECT m.day_net_pnl FROM pms.equity_marks m WHERE m.account = 'main'), -10::numeric,
    'the mark of a day is what there was before it'
);
SELECT is(
    (SELECT k.day_net_pnl FROM unnest(pms.equity_marks_at('main', pg_temp.hour(19))) k
     WHERE k.account = 'main'), -10::numeric,
    'also at a former moment'
);

SELECT * FROM finish();
ROLLBACK;
