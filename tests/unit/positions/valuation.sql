-- The value of legs: in their own currency, in USDT, and at a moment.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.fill(
    account text, asset text, side text, quantity text, price text, fee text DEFAULT '0',
    leg text DEFAULT NULL
)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_strip_nulls(jsonb_build_object(
    'event_type', 'order_executed', 'order_id', gen_random_uuid(),
    'execution_id', gen_random_uuid(), 'account', account, 'asset', asset, 'side', side,
    'execution_quantity', quantity, 'execution_price', price, 'execution_fees', fee,
    'executed_at', '2026-01-01T00:00:00Z',
    'mode', CASE WHEN leg IS NOT NULL THEN 'hedge' END, 'position_side', leg
))]) o
$$;

CREATE FUNCTION pg_temp.mark(asset text, price text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_prices(ARRAY[jsonb_build_object(
    'event_type', 'ticker', 'payload', jsonb_build_object(
        'symbol', asset, 'mark_price', price, 'timestamp', '2026-01-01T00:10:00Z'
    )
)]) o
$$;

INSERT INTO pms.instruments (asset, kind, multiplier, settlement_currency, is_assumed)
VALUES
('COIN', 'inverse', 100, 'BTC', FALSE),
('DONE', 'linear', 1, 'BTC', FALSE),
('EVEN', 'linear', 1, 'BTC', FALSE),
('PLAIN', 'linear', 1, 'USDT', FALSE),
('TWO', 'linear', 1, 'USDT', FALSE);

SELECT pg_temp.fill('first', 'COIN', 'buy', '100', '50000', '0.001');
SELECT pg_temp.fill('first', 'PLAIN', 'sell', '30', '100', '2');
SELECT pg_temp.fill('first', 'DONE', 'buy', '1', '3');
SELECT pg_temp.fill('first', 'DONE', 'sell', '1', '5');
SELECT pg_temp.fill('first', 'EVEN', 'buy', '1', '3');
SELECT pg_temp.fill('first', 'EVEN', 'sell', '1', '3');
SELECT pg_temp.mark('COIN', '80000');
SELECT pg_temp.mark('PLAIN', '90');

-- Without a rate

SELECT results_eq(
    $$ SELECT p.asset, p.unrealized_pnl, p.fees_paid FROM api.positions p
       WHERE p.account = 'first' AND p.asset = 'COIN' $$,
    $$ VALUES ('COIN', 0.075, 0.001) $$,
    'a position in another currency is valued in it'
);
SELECT results_eq(
    $$ SELECT p.exposure_usdt, p.net_exposure_usdt, p.unrealized_pnl_usdt, p.realized_pnl_usdt,
           p.fees_paid_usdt, p.funding_usdt, p.net_pnl_usdt, p.position_size_norm
       FROM api.positions p WHERE p.account = 'first' AND p.asset = 'COIN' $$,
    $$ VALUES (
        NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric,
        NULL::numeric, NULL::numeric, NULL::numeric, NULL::numeric
    ) $$,
    'without a rate there is no value in USDT'
);
SELECT results_eq(
    $$ SELECT t.exposure_usdt, t.unrealized_pnl_usdt, t.realized_pnl_usdt,
           t.fees_paid_usdt, t.net_pnl_usdt
       FROM api.portfolio t WHERE t.account = 'first' $$,
    $$ VALUES (2700::numeric, 300::numeric, 0::numeric, 2::numeric, 298::numeric) $$,
    'an amount without a rate is in no total'
);
SELECT results_eq(
    $$ SELECT t.complete, t.unpriced FROM api.portfolio t WHERE t.account = 'first' $$,
    $$ VALUES (FALSE, '{COIN,DONE}'::text[]) $$,
    'a position without a rate is named while it is open or has realized PnL'
);
SELECT results_eq(
    $$ SELECT e.complete FROM api.pnl_by_asset e WHERE e.account = 'first' AND e.asset = 'DONE' $$,
    $$ VALUES (FALSE) $$,
    'an asset is incomplete without the profit of a closed position'
);

-- With a rate

SELECT pg_temp.mark('BTCUSDT', '80000.5');

SELECT results_eq(
    $$ SELECT p.exposure_usdt, p.net_exposure_usdt, p.unrealized_pnl_usdt, p.realized_pnl_usdt,
           p.fees_paid_usdt, p.funding_usdt, p.net_pnl_usdt
       FROM api.positions p WHERE p.account = 'first' AND p.asset = 'COIN' $$,
    $$ VALUES (
        10000.0625, -10000.0625, 6000.0375, 0::numeric, 80.0005, 0::numeric, 5920.037
    ) $$,
    'amounts in USDT are the amounts times the full-precision rate'
);
SELECT results_eq(
    $$ SELECT p.asset, p.unrealized_pnl = p.unrealized_pnl_usdt, p.net_pnl = p.net_pnl_usdt,
           p.net_pnl_usdt
       FROM api.positions p WHERE p.account = 'first' AND p.asset = 'PLAIN' $$,
    $$ VALUES ('PLAIN', TRUE, TRUE, 298::numeric) $$,
    'the rate of USDT is 1'
);
SELECT results_eq(
    $$ SELECT p.asset, p.position_size_norm FROM api.positions p
       WHERE p.account = 'first' AND p.size <> 0 ORDER BY p.asset $$,
    $$ VALUES ('COIN', 0.78740262105), ('PLAIN', 0.21259737895) $$,
    'exposure shares are relative to USDT totals'
);
SELECT results_eq(
    $$ SELECT t.exposure_usdt, t.realized_pnl_usdt, t.net_pnl_usdt, t.complete,
           t.unpriced
       FROM api.portfolio t WHERE t.account = 'first' $$,
    $$ VALUES (12700.0625, 160001::numeric, 166219.037, TRUE, '{}'::text[]) $$,
    'totals are converted to USDT'
);
SELECT is(
    api.get_portfolio(account => 'first')::jsonb - '{calculated_at,positions}'::text[],
    api.get_portfolio()::jsonb - '{calculated_at,positions}'::text[],
    'the portfolio of the only account equals the total'
);

SELECT results_eq(
    $$ SELECT p.asset, p.break_even_price FROM api.positions p WHERE p.account = 'first'
       ORDER BY p.asset $$,
    $$ VALUES
       ('COIN', 50251.256281407035),
       ('DONE', NULL),
       ('EVEN', NULL),
       ('PLAIN', 99.933333333333) $$,
    'at the break-even price of an open position, its PnL has paid its fees'
);

-- Two legs

SELECT pg_temp.fill('hedger', 'TWO', 'buy', '3', '10', leg => 'long');
SELECT pg_temp.fill('hedger', 'TWO', 'sell', '2', '10', leg => 'short');

SELECT results_eq(
    $$ SELECT p.size, p.long_size, p.short_size, p.needs_review FROM api.positions p
       WHERE p.account = 'hedger' $$,
    $$ VALUES (1::numeric, 3::numeric, 2::numeric, FALSE) $$,
    'in hedge mode the size is long - short'
);
SELECT results_eq(
    $$ SELECT p.average_entry_price, p.break_even_price FROM api.positions p
       WHERE p.account = 'hedger' $$,
    $$ VALUES (NULL::numeric, 10::numeric) $$,
    'two legs have one break-even price'
);
SELECT pg_temp.fill('hedger', 'TWO', 'sell', '1', '10', leg => 'short');
SELECT results_eq(
    $$ SELECT p.size, p.break_even_price FROM api.positions p WHERE p.account = 'hedger' $$,
    $$ VALUES (0::numeric, NULL::numeric) $$,
    'legs that cancel out have no break-even price'
);
SELECT pg_temp.fill('hedger', 'TWO', 'buy', '1', '10', leg => 'short');
SELECT pg_temp.fill('free', 'TWO', 'buy', '2', '10');
SELECT pg_temp.fill('free', 'TWO', 'sell', '1', '20');
SELECT results_eq(
    $$ SELECT p.size, p.break_even_price FROM api.positions p WHERE p.account = 'free' $$,
    $$ VALUES (1::numeric, NULL::numeric) $$,
    'what has paid for itself has no break-even price'
);
SELECT pg_temp.fill('hedger', 'TWO', 'sell', '7', '10', leg => 'long');
SELECT results_eq(
    $$ SELECT p.size, p.long_size, p.short_size, p.needs_review FROM api.positions p
       WHERE p.account = 'hedger' $$,
    $$ VALUES (-6::numeric, 0::numeric, 6::numeric, TRUE) $$,
    'a long leg that crossed zero counts as short and needs review'
);
SELECT pg_temp.fill('hedger', 'TWO', 'buy', '4', '10', leg => 'long');
SELECT pg_temp.fill('hedger', 'TWO', 'buy', '9', '10', leg => 'short');
SELECT results_eq(
    $$ SELECT p.size, p.long_size, p.short_size, p.needs_review FROM api.positions p
       WHERE p.account = 'hedger' $$,
    $$ VALUES (7::numeric, 7::numeric, 0::numeric, TRUE) $$,
    'a short leg that crossed zero counts as long and needs review'
);

SELECT pg_temp.mark('TWO', '11');

-- The moment

SELECT results_eq(
    $$ SELECT v.time_held_minutes, v.price_status
       FROM unnest('{00:09:59Z,00:15:00Z,00:15:01Z}'::text[]) u (hour)
       CROSS JOIN LATERAL pms.positions_from_legs(
           pms.current_legs('first'), ('2026-01-01 ' || u.hour)::timestamptz
       ) v
       WHERE v.asset = 'PLAIN'
       ORDER BY u.hour $$,
    $$ VALUES (9::bigint, 'fresh'), (15::bigint, 'fresh'), (15::bigint, 'stale') $$,
    'holding time and price age are relative to the given moment'
);
SELECT results_eq(
    $$ SELECT v.* FROM pms.positions_from_legs(pms.current_legs(NULL), now()) v
       ORDER BY v.account, v.asset $$,
    $$ SELECT p.* FROM pms.current_positions p ORDER BY p.account, p.asset $$,
    'legs of several accounts have the values of the view'
);

-- Only the requested columns

CREATE FUNCTION pg_temp.explained(query text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_line text;
    v_plan text := '';
BEGIN
    FOR v_line IN EXECUTE 'EXPLAIN (COSTS OFF) ' || query LOOP
        v_plan := v_plan || v_line || E'\n';
    END LOOP;
    RETURN v_plan;
END
$$;

SET LOCAL ROLE pms_analyst;
SELECT matches(
    pg_temp.explained($$ SELECT p.size FROM api.positions p WHERE p.account = 'first' $$),
    E'positions p(_\\d)?\n[^>]*\\(account = ''first''::text\\)',
    'a query of one account reads no legs of another'
);
SELECT doesnt_match(
    pg_temp.explained($$ SELECT p.size FROM api.positions p WHERE p.account = 'first' $$),
    'valued_positions',
    'the view is inlined, for a reader too'
);
RESET ROLE;

SELECT * FROM finish();
ROLLBACK;
