-- What accounts hold and how limits are used, as Prometheus reads it.
\set ON_ERROR_STOP on
BEGIN;
SET LOCAL jit = off;
SELECT plan(8);

CREATE FUNCTION pg_temp.lines(pattern text)
RETURNS SETOF text
LANGUAGE sql AS $$
SELECT replace(t.line, 'position_manager_', '')
FROM regexp_split_to_table(api.get_metrics_text(), E'\n') t (line)
WHERE t.line ~ ('^position_manager_' || pattern)
$$;

SELECT pms.apply_order_events(ARRAY[
    '{"event_type": "order_executed", "order_id": "o", "execution_id": "1", "account": "alpha",
      "asset": "BTCUSDT", "side": "buy", "execution_quantity": "2", "execution_price": "100",
      "execution_fees": "1"}',
    '{"event_type": "order_executed", "order_id": "o", "execution_id": "2", "account": "beta",
      "asset": "ETHUSDT", "side": "sell", "execution_quantity": "1", "execution_price": "50"}'
]::jsonb[]);
SELECT pms.apply_prices(ARRAY[
    '{"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "90"}}'
]::jsonb[]);
SELECT api.set_capital(1000, account => 'alpha');
SELECT api.set_limit('gross_exposure', 100);
SELECT api.set_limit('gross_exposure', 1000, warn_level => 100, account => 'alpha');
SELECT api.set_limit('net_exposure', 1000, account => 'beta');

SELECT is_empty(
    $$ SELECT pg_temp.lines('(account|portfolio)_') $$, 'before the first minute nothing is known'
);
SELECT pms.capture_portfolio(now());
SELECT pms.check_limits();

SELECT set_eq(
    $$ SELECT pg_temp.lines('account_.*alpha') $$,
    $$ VALUES
        ('account_equity_usdt{account="alpha"} 979'),
        ('account_net_pnl_usdt{account="alpha"} -21'),
        ('account_net_pnl_today_usdt{account="alpha"} -21'),
        ('account_unrealized_pnl_usdt{account="alpha"} -20'),
        ('account_gross_exposure_usdt{account="alpha"} 180'),
        ('account_net_exposure_usdt{account="alpha"} 180'),
        ('account_drawdown_usdt{account="alpha"} 21')
    $$,
    'what an account is worth'
);
SELECT set_has(
    $$ SELECT pg_temp.lines('portfolio_') $$,
    $$ VALUES ('portfolio_equity_usdt 979'), ('portfolio_gross_exposure_usdt 180') $$,
    'and all of them together, under a name of their own'
);
SELECT set_eq(
    $$ SELECT pg_temp.lines('limit') $$,
    $$ VALUES
        ('limits{level="ok"} 1'), ('limits{level="warn"} 1'), ('limits{level="breach"} 1'),
        ('limit_breached{limit="portfolio/gross_exposure"} 1'),
        ('limit_breached{limit="account/alpha/gross_exposure"} 0'),
        ('limit_breached{limit="account/beta/net_exposure"} 0'),
        ('limit_utilization_ratio{limit="portfolio/gross_exposure"} 1.8'),
        ('limit_utilization_ratio{limit="account/alpha/gross_exposure"} 0.18'),
        ('limit_utilization_ratio{limit="account/beta/net_exposure"} 0')
    $$,
    'how far limits are used'
);
SELECT set_eq(
    $$ SELECT pg_temp.lines('open_positions') $$,
    $$ VALUES ('open_positions{price="fresh"} 1'), ('open_positions{price="stale"} 0'),
        ('open_positions{price="missing"} 1') $$,
    'open positions by the state of their price'
);

SET LOCAL pms.account_scope = 'beta';
SELECT set_eq(
    $$
        SELECT DISTINCT l.line FROM pg_temp.lines('(account_e|portfolio_.*usdt|limit_b)') l (line)
    $$,
    $$ VALUES ('account_equity_usdt{account="beta"} 0'),
        ('limit_breached{limit="account/beta/net_exposure"} 0') $$,
    'a bound key reads its own accounts and limits'
);
SET LOCAL pms.account_scope = '';

SELECT api.remove_limit('portfolio/gross_exposure');
SELECT pms.check_limits();
SELECT pms.capture_portfolio(now());
SELECT bag_eq(
    $$ SELECT r.limit_id FROM pms.recorded_limits r $$,
    $$ SELECT l.id FROM pms.limits l $$,
    'a limit that is removed is forgotten'
);

INSERT INTO pms.equity_marks
SELECT format('small-%s', n), now(), now(), 0, 0, now(), 0 FROM generate_series(1, 60) n;
INSERT INTO pms.portfolio_history
SELECT
    format('small-%s', n), now(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, TRUE, 0
FROM generate_series(1, 60) n;
SELECT results_eq(
    $$
        SELECT
            count(*), bool_or(l.line LIKE '%"alpha"%')
        FROM pg_temp.lines('account_equity_usdt') l (line)
    $$,
    $$ VALUES (50::bigint, TRUE) $$,
    'of many accounts, those with the largest exposure'
);

SELECT * FROM finish();
ROLLBACK;
