-- Totals: counted amounts, and the number of amounts left out.
\set ON_ERROR_STOP on
BEGIN;
SELECT plan(18);

CREATE FUNCTION pg_temp.fill(account text, asset text, side text, quantity text, price text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_build_object(
    'event_type', 'order_executed', 'order_id', gen_random_uuid(),
    'execution_id', gen_random_uuid(), 'account', account, 'asset', asset, 'side', side,
    'execution_quantity', quantity, 'execution_price', price, 'execution_fees', '1'
)]) o
$$;

CREATE FUNCTION pg_temp.mark(asset text, price text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_prices(ARRAY[jsonb_build_object(
    'event_type', 'ticker', 'payload', jsonb_build_object('symbol', asset, 'mark_price', price)
)]) o
$$;

SELECT results_eq(
    $$ SELECT p.exposure_usdt, p.open_positions_count, p.complete, p.unpriced
       FROM api.portfolio_total p $$,
    $$ VALUES (0::numeric, 0::bigint, TRUE, '{}'::text[]) $$,
    'an empty portfolio is a row of zeros'
);
SELECT ok(pms.publish_portfolio(), 'the first state is published');
SELECT ok(NOT pms.publish_portfolio(), 'an unchanged state is not published again');

INSERT INTO pms.instruments (asset, kind, multiplier, settlement_currency, is_assumed)
VALUES
('BTCUSD', 'inverse', 1, 'BTC', FALSE),
('DARK', 'linear', 1, 'USDT', FALSE),
('ONE', 'linear', 1, 'USDT', FALSE),
('TWO', 'linear', 1, 'USDT', FALSE);

SELECT pg_temp.fill('first', 'ONE', 'buy', '2', '10');
SELECT pg_temp.fill('second', 'ONE', 'sell', '1', '12');
SELECT pg_temp.fill('first', 'TWO', 'sell', '3', '5');
SELECT pg_temp.fill('first', 'DARK', 'buy', '1', '7');
SELECT pg_temp.fill('first', 'BTCUSD', 'buy', '100', '50000');
SELECT pg_temp.mark('ONE', '11');
SELECT pg_temp.mark('TWO', '4');
SELECT pg_temp.mark('BTCUSD', '60000');

SET LOCAL ROLE pms_analyst;

SELECT results_eq(
    $$ SELECT p.exposure_usdt, p.net_exposure_usdt
       FROM api.portfolio p WHERE p.account = 'first' $$,
    $$ VALUES (34::numeric, 10::numeric) $$,
    'exposure adds absolute values; net exposure adds signed ones'
);
SELECT results_eq(
    $$ SELECT p.exposure_usdt, p.net_exposure_usdt FROM api.portfolio_total p $$,
    $$ VALUES (45::numeric, -1::numeric) $$,
    'the total covers all accounts'
);
SELECT results_eq(
    $$ SELECT p.unrealized_pnl_usdt, p.fees_paid_usdt, p.net_pnl_usdt FROM api.portfolio p
       WHERE p.account = 'first' $$,
    $$ VALUES (5::numeric, 3::numeric, 2::numeric) $$,
    'a position in another currency is in no total in USDT'
);
SELECT results_eq(
    $$ SELECT p.complete, p.unpriced FROM api.portfolio p WHERE p.account = 'first' $$,
    $$ VALUES (FALSE, '{BTCUSD,DARK}'::text[]) $$,
    'an omitted open position is named'
);
SELECT results_eq(
    $$ SELECT p.open_positions_count, p.long_positions_count, p.short_positions_count
       FROM api.portfolio p WHERE p.account = 'first' $$,
    $$ VALUES (4::bigint, 3::bigint, 1::bigint) $$,
    'counts cover all open positions'
);
SELECT results_eq(
    $$ SELECT e.account, e.size, e.exposure_usdt, e.net_exposure_usdt
       FROM api.exposure_by_asset e WHERE e.asset = 'ONE' ORDER BY e.account $$,
    $$ VALUES
       ('first', 2::numeric, 22::numeric, 22::numeric),
       ('second', -1::numeric, 11::numeric, -11::numeric) $$,
    'exposure of an asset in each account'
);
SELECT results_eq(
    $$ SELECT e.size, e.exposure_usdt, e.net_exposure_usdt
       FROM api.exposure_by_asset_total e WHERE e.asset = 'ONE' $$,
    $$ VALUES (1::numeric, 33::numeric, 11::numeric) $$,
    'an asset is summed over accounts; exposures of opposite positions do not cancel'
);
SELECT results_eq(
    $$ SELECT n.unrealized_pnl_usdt, n.net_pnl_usdt, n.complete FROM api.pnl_by_asset_total n
       WHERE n.asset = 'TWO' $$,
    $$ VALUES (3::numeric, 2::numeric, TRUE) $$,
    'PnL by asset'
);

RESET ROLE;

SELECT ok(pms.publish_portfolio(), 'a changed state is published');
SELECT results_eq(
    $$ SELECT o.payload ->> 'total_exposure_usdt', o.payload -> 'open_positions_count',
           o.payload -> 'unpriced', o.payload ->> 'event_id' = o.id::text
       FROM pms.outbox o WHERE o.type = 'portfolio_updated' ORDER BY o.sequence DESC LIMIT 1 $$,
    $$ VALUES ('45', '5'::jsonb, '["BTCUSD", "DARK"]'::jsonb, TRUE) $$,
    'portfolio_updated carries totals as strings and counts as numbers'
);

SELECT is(
    api.get_portfolio(account => 'first')::jsonb -> 'limits', '[]',
    'no limit is shown when none is set'
);
SELECT pms.load_settings('{"portfolio_max_exposure_usdt": "30"}');
SELECT is(
    api.get_portfolio(account => 'first', asset => 'two')::jsonb -> 'limits',
    '[{"id": "portfolio/gross_exposure", "scope": "portfolio", "account": null, "asset": null,
       "book": null, "metric": "gross_exposure", "limit": "30", "warn": null, "value": "45",
       "utilisation": "1.5", "level": "breach"}]',
    'a limit covers all assets and accounts and shows its utilization'
);
SELECT is(
    api.get_portfolio(account => 'first')::jsonb -> 'limit_exceeded', 'true',
    'above the limit it is exceeded'
);
SELECT is(
    (api.get_portfolio(account => 'first', as_of => '2025-01-01T00:00:00Z')::jsonb #> '{limits,0}')
    - '{id,scope,account,asset,metric,warn}'::text[],
    '{"book": null, "limit": "30", "value": "0", "utilisation": "0", "level": "ok"}',
    'another moment is checked with its own exposure and the current limits'
);
SELECT pms.load_settings('{"portfolio_max_exposure_usdt": "45"}');
SELECT is(
    api.get_portfolio(account => 'first')::jsonb -> 'limit_exceeded', 'false',
    'at the limit it is not exceeded'
);

SELECT * FROM finish();
ROLLBACK;
