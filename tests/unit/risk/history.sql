-- The portfolio history: minutes, drawdown, and the capital they are on.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.fill(account text, side text, quantity text, price text, fee text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_build_object(
    'event_type', 'order_executed', 'execution_id', gen_random_uuid(), 'account', account,
    'asset', 'ONE', 'side', side, 'execution_quantity', quantity, 'execution_price', price,
    'execution_fees', fee
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

INSERT INTO pms.instruments (asset, kind, multiplier, settlement_currency, is_assumed)
VALUES ('ONE', 'linear', 1, 'USDT', FALSE);

SET LOCAL ROLE pms_operator;
SELECT api.set_capital(1000, 'first', '2025-01-01');
SELECT api.set_capital(3000, 'first', '2026-01-31 12:00Z');
SELECT throws_ok(
    format('SELECT api.set_capital(%L, %L, %L)', c.amount, c.account, c.effective_at),
    'PT400', 'no such capital can be', c.name
)
FROM (
    VALUES
    ('-1', 'first', '2026-01-01', 'less than nothing'),
    ('NaN', 'first', '2026-01-01', 'an amount that is no number'),
    ('1', '*', '2026-01-01', 'of no account'),
    ('1', 'first', 'infinity', 'never')
) c (amount, account, effective_at, name);
RESET ROLE;

-- Saturday, the 31st; Sunday; Monday, the 2nd.
SELECT pg_temp.fill('first', 'buy', '10', '100', '5');
SELECT pg_temp.mark('101');
SELECT is(pms.capture_portfolio('2026-01-30 23:58:59Z'), 2::bigint, 'each account and the total are stored');
SELECT is(
    pms.capture_portfolio('2026-01-30 23:58:59Z'), 0::bigint,
    'totals that have not changed are not stored again'
);
SELECT pg_temp.mark('111');
SELECT pms.capture_portfolio('2026-01-30 23:59Z');
SELECT pg_temp.fill('first', 'sell', '4', '90', '2');
SELECT pg_temp.mark('90');
SELECT pms.capture_portfolio('2026-01-31 00:00Z');
SELECT pms.capture_portfolio('2026-01-31 23:59Z');
SELECT pg_temp.fill('second', 'sell', '1', '90', '1');
SELECT pg_temp.mark('100');
SELECT pms.capture_portfolio('2026-02-02 08:00Z');

SET LOCAL ROLE pms_analyst;
SET LOCAL timezone = 'Pacific/Auckland';

SELECT results_eq(
    $$ SELECT h.equity_usdt, h.capital_usdt, h.net_pnl_usdt, h.realized_usdt,
           h.unrealized_pnl_usdt, h.fees_paid_usdt, h.exposure_usdt, h.net_exposure_usdt,
           h.open_positions_count, h.complete
       FROM api.portfolio_history_total h ORDER BY h.recorded_at $$,
    $$ VALUES
       (1005::numeric, 1000::numeric, 5::numeric, 0::numeric, 10::numeric, 5::numeric,
           1010::numeric, 1010::numeric, 1::bigint, TRUE),
       (1105, 1000, 105, 0, 110, 5, 1110, 1110, 1, TRUE),
       (893, 1000, -107, -40, -60, 7, 540, 540, 1, TRUE),
       (2893, 3000, -107, -40, -60, 7, 540, 540, 1, TRUE),
       (2942, 3000, -58, -40, -10, 8, 700, 500, 2, TRUE) $$,
    'a minute has the totals known then; net PnL is the sum of its parts'
);
SELECT results_eq(
    $$ SELECT d.peak_equity_usdt, d.drawdown_usdt, d.drawdown_ratio FROM api.drawdown d
       WHERE d.account = 'first' ORDER BY d.recorded_at $$,
    $$ VALUES (1005::numeric, 0::numeric, 0::numeric), (1105, 0, 0),
       (1105, 212, 0.191855203620), (3105, 212, 0.068276972625), (3105, 152, 0.048953301127) $$,
    'drawdown is relative to the peak and ignores capital flows'
);
SELECT results_eq(
    $$ SELECT d.peak_equity_usdt, d.drawdown_usdt, d.drawdown_ratio FROM api.drawdown d
       WHERE d.account = 'second' $$,
    $$ VALUES (0::numeric, 11::numeric, NULL::numeric) $$,
    'without capital a drawdown is an amount without a ratio'
);
RESET ROLE;

SELECT results_eq(
    $$ SELECT m.net_pnl, m.peak_net_pnl, m.peak_at, m.day_net_pnl, m.began_at
       FROM pms.equity_marks m WHERE m.account = 'first' $$,
    $$ VALUES (-47::numeric, 105::numeric, '2026-01-30 23:59Z'::timestamptz, -107::numeric,
           '2026-01-30 23:58Z'::timestamptz) $$,
    'the drawdown and the daily result are stored with the history'
);
SELECT results_eq(
    $$ SELECT m.account, m.net_pnl, m.peak_net_pnl, m.day_net_pnl
       FROM unnest(pms.equity_marks_at('first', '2026-01-31 00:00:30Z')) m ORDER BY m.account DESC $$,
    $$ VALUES ('first', -107::numeric, 105::numeric, 105::numeric),
       ('*', -107, 105, 105) $$,
    'the drawdown at a past moment is read from the history'
);
SELECT is(
    pms.equity_marks_at('first', '2026-01-30 23:57Z'), '{}', 'the history is empty before its first minute'
);

SELECT pg_temp.mark('101');
SELECT is(
    (pms.record_portfolio_history(NULL)).done, '3 rows written', 'the job records the current minute'
);
SELECT is(
    (SELECT (s.progress, h.recorded_at)::text
     FROM pms.record_portfolio_history(NULL) s
     CROSS JOIN (SELECT max(k.recorded_at) AS recorded_at FROM pms.portfolio_history k) h),
    (NULL::jsonb, date_trunc('minute', clock_timestamp()))::text,
    'the job takes one step'
);

SET LOCAL ROLE pms_operator;
SELECT api.record_fill(
    'early', 'TWO', 'buy', '1', '1', account => 'third', executed_at => '2026-01-05T00:00:00Z'
);
SELECT api.record_fill('later', 'ONE', 'buy', '1', '1', account => 'third');
SELECT is(
    api.set_capital(500, 'third'), '2026-01-05 00:00Z',
    'the first capital of an account counts from its first entry'
);
SELECT is(api.set_capital(600, 'third'), now(), 'a later capital counts from now');
SELECT is(api.set_capital(500, 'untraded'), now(), 'without entries, capital counts from now');
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
