-- Limits: metrics, levels and the right to set them.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.fill(account text, asset text, side text, quantity text, leg text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_strip_nulls(jsonb_build_object(
    'event_type', 'order_executed', 'execution_id', gen_random_uuid(), 'account', account,
    'asset', asset, 'side', side, 'execution_quantity', quantity, 'execution_price', '10',
    'position_side', leg
))]) o
$$;

CREATE FUNCTION pg_temp.usage(account text)
RETURNS TABLE (id text, value text, utilisation text, level text)
LANGUAGE sql
AS $$
SELECT l ->> 'id', l ->> 'value', l ->> 'utilisation', l ->> 'level'
FROM jsonb_array_elements(api.get_portfolio(account => usage.account)::jsonb -> 'limits') l
$$;

-- first: 4 ONE at 11, -2 TWO at 10; second: 6 and -10 ONE at 11 in hedge mode.
SELECT pg_temp.fill('first', 'ONE', 'buy', '4', NULL);
SELECT pg_temp.fill('first', 'TWO', 'sell', '2', NULL);
SELECT pg_temp.fill('second', 'ONE', 'buy', '6', 'long');
SELECT pg_temp.fill('second', 'ONE', 'sell', '10', 'short');
SELECT o.outcome
FROM pms.apply_prices(ARRAY[
    '{"event_type": "ticker", "payload": {"symbol": "ONE", "mark_price": "11"}}',
    '{"event_type": "ticker", "payload": {"symbol": "TWO", "mark_price": "10"}}'
]::jsonb[]) o;

SET LOCAL ROLE pms_operator;

SELECT is(
    ARRAY[
        api.set_limit('gross_exposure', 240),
        api.set_limit('net-exposure', 40, 39, account => 'first'),
        api.set_limit('position_size', 13.5, 13, asset => 'one'),
        api.set_limit('position_size', 10, account => 'second', asset => 'ONE'),
        api.set_limit('exposure_share', 0.5, account => 'first'),
        api.set_limit('exposure_share', 0.4, account => 'first', asset => 'TWO')
    ],
    ARRAY[
        'portfolio/gross_exposure', 'account/first/net_exposure', 'asset/ONE/position_size',
        'asset/second/ONE/position_size', 'account/first/exposure_share',
        'asset/first/TWO/exposure_share'
    ],
    'the id of a limit names its scope'
);

RESET ROLE;
SET LOCAL ROLE pms_analyst;

SELECT results_eq(
    $$ SELECT l.id, l.scope, l.value, l.utilisation, l.level FROM api.limits l ORDER BY l.id $$,
    $$ VALUES
       ('account/first/exposure_share', 'account', 0.6875, 1.375, 'breach'),
       ('account/first/net_exposure', 'account', 24, 0.6, 'ok'),
       ('asset/ONE/position_size', 'asset', 10, 0.740740740741, 'ok'),
       ('asset/first/TWO/exposure_share', 'asset', 0.3125, 0.78125, 'ok'),
       ('asset/second/ONE/position_size', 'asset', 10, 1, 'ok'),
       ('portfolio/gross_exposure', 'portfolio', 240, 1, 'ok') $$,
    'each metric matches its definition; a value at the level is within the limit'
);

RESET ROLE;

SELECT results_eq(
    $$ SELECT * FROM pg_temp.usage(NULL) EXCEPT
       SELECT l.id, l.value::text, l.utilisation::text, l.level FROM api.limits l $$,
    $$ SELECT * FROM pg_temp.usage('nobody') WHERE FALSE $$,
    'the portfolio shows every limit like the view'
);
SELECT set_eq(
    $$ SELECT u.id, u.value, u.level FROM pg_temp.usage('first') u
       WHERE u.id !~ 'exposure_share' $$,
    $$ VALUES ('portfolio/gross_exposure', '240', 'ok'),
           ('account/first/net_exposure', '24', 'ok'),
           ('asset/ONE/position_size', '10', 'ok') $$,
    'beside an account a limit has the value of its own scope, as everywhere'
);
SELECT is(
    (SELECT array_agg(u.value ORDER BY u.id) FROM pg_temp.usage('nobody') u),
    '{10,240}',
    'an account without positions shows what all accounts use'
);

SELECT set_config('pms.account_scope', 'first', TRUE);
SELECT set_eq(
    $$ SELECT u.id, u.value FROM pg_temp.usage('first') u
       UNION ALL SELECT u.id, u.value FROM pg_temp.usage(NULL) u
       UNION ALL SELECT l.id, l.value::text FROM api.limits l
       UNION ALL SELECT l ->> 'id', l -> 'before' ->> 'value'
       FROM jsonb_array_elements(
           api.check_fill('ONE', 'buy', '1', account => 'first') -> 'limits'
       ) l $$,
    $$ VALUES ('account/first/net_exposure', '24'), ('account/first/exposure_share', '0.6875'),
       ('asset/first/TWO/exposure_share', '0.3125') $$,
    'a key that is bound to accounts sees their limits only'
);
SELECT set_config('pms.account_scope', '', TRUE);

SELECT pg_temp.fill('first', 'TWO', 'sell', '0.1', NULL);
SELECT results_eq(
    $$ SELECT u.value, u.level FROM pg_temp.usage(NULL) u
       WHERE u.id = 'portfolio/gross_exposure' $$,
    $$ VALUES ('241', 'breach') $$,
    'above its level a limit is breached'
);
SELECT is(
    ARRAY[
        api.get_portfolio()::jsonb -> 'limit_exceeded', api.get_portfolio(account => 'second')::jsonb
        -> 'limit_exceeded'
    ],
    '{true,true}',
    'a breached limit of the portfolio is limit_exceeded in every account'
);

-- Levels

SELECT results_eq(
    format(
        $t$ SELECT u.level FROM pms.limit_usage(
            ARRAY[%L]::pms.limits[], ARRAY[('a', '*', 0, 0, 0, -23, 0, 0, 0)::pms.limit_basis],
            '{}', now()
        ) u $t$,
        format('(a,*,net_exposure,%s,%s,operator,now,,account,n)', v.warn, v.breach)::pms.limits
    ),
    ARRAY[v.level],
    format('net exposure of -23, warn at %s, breach at %s: %s', v.warn, v.breach, v.level)
)
FROM (
    VALUES (23, 40, 'ok'), (22.9, 40, 'warn'), (22, 23, 'warn'), (22, 22.9, 'breach')
) v (warn, breach, level);
SELECT api.set_limit('net_exposure', 40, 23, account => 'first');
SELECT is(
    (SELECT count(*) FROM pms.limits l WHERE l.id = 'account/first/net_exposure'), 1::bigint,
    'a limit set again keeps its id'
);

-- Limits on the history

SELECT results_eq(
    format(
        $t$ SELECT u.metric, u.value FROM pms.limit_usage(
            ARRAY[%1$L, %2$L]::pms.limits[],
            ARRAY[('a', '*', 0, 0, 0, 0, %3$s, 0, 0)::pms.limit_basis], %4$s, '2026-01-05 00:00Z'
        ) u ORDER BY u.metric $t$,
        '(a,*,daily_loss,,1,operator,now,,account,l)'::pms.limits,
        '(a,*,drawdown,,1,operator,now,,account,d)'::pms.limits,
        v.net_pnl, v.marks
    ),
    format($$ VALUES ('daily_loss', %s::numeric), ('drawdown', %s::numeric) $$, v.loss, v.drawdown),
    v.name
)
FROM (
    VALUES
    ('an account begins with a net PnL of 0', -3, $$ '{}' $$, 3, 3),
    ('a gain is no loss', 3, $$ '{}' $$, 0, 0),
    (
        'drawdown is from the peak, the loss since the minute before today', 5,
        $$ ARRAY['(a,2026-01-01,2026-01-05 00:00Z,8,20,2026-01-02,9)'::pms.equity_marks] $$,
        4, 15
    ),
    (
        'a day without a minute yet began where the last one ended', 5,
        $$ ARRAY['(a,2026-01-01,2026-01-04 23:59Z,8,20,2026-01-02,9)'::pms.equity_marks] $$,
        3, 15
    ),
    (
        'now may be the peak', 25,
        $$ ARRAY['(a,2026-01-01,2026-01-05 00:00Z,8,20,2026-01-02,9)'::pms.equity_marks] $$,
        0, 0
    )
) v (name, net_pnl, marks, loss, drawdown);

-- The settings

SELECT pms.load_settings('{"portfolio_max_exposure_usdt": "30"}');
SELECT results_eq(
    $$ SELECT l.breach_level, l.source FROM api.limits l WHERE l.id = 'portfolio/gross_exposure' $$,
    $$ VALUES (30::numeric, 'settings') $$,
    'PORTFOLIO_MAX_EXPOSURE_USDT is the limit on gross exposure'
);
SELECT throws_ok(
    $$ SELECT api.remove_limit('portfolio/gross_exposure') $$,
    'PT409', 'limit of the settings',
    'a limit from the settings cannot be removed by a command'
);
SELECT api.set_limit('gross_exposure', 30, 28, clear_level => 25);
SELECT pms.load_settings('{"portfolio_max_exposure_usdt": "20"}');
SELECT results_eq(
    $$
        SELECT l.breach_level, l.warn_level, l.clear_level
        FROM pms.limits l
        WHERE l.id = 'portfolio/gross_exposure'
    $$,
    $$ VALUES (20::numeric, 20::numeric, 20::numeric) $$,
    'a lower one takes what was set beside it along'
);
SELECT pms.load_settings('{"portfolio_max_exposure_usdt": null}');
SELECT is_empty(
    $$ SELECT l.id FROM api.limits l WHERE l.id = 'portfolio/gross_exposure' $$,
    'there is no such limit without the setting'
);

-- Refusals

SET LOCAL ROLE pms_operator;
SELECT throws_ok(c.command, 'PT400', 'no such limit can be', c.name)
FROM (
    VALUES
    ($$ SELECT api.set_limit('beta', 1) $$, 'an unknown metric'),
    ($$ SELECT api.set_limit('drawdown', 0) $$, 'a level of 0'),
    ($$ SELECT api.set_limit('drawdown', 'NaN') $$, 'a level that is no number'),
    ($$ SELECT api.set_limit('drawdown', NULL) $$, 'no level'),
    ($$ SELECT api.set_limit('drawdown', 5, 6) $$, 'a warning level beyond the breach level'),
    ($$ SELECT api.set_limit('drawdown', 5, asset => 'ONE') $$, 'a drawdown of an asset'),
    ($$ SELECT api.set_limit('position_size', 5) $$, 'a size of no asset'),
    ($$ SELECT api.set_limit('exposure_share', 1.01) $$, 'more than all'),
    ($$ SELECT api.set_limit('drawdown', 5, account => '*') $$, 'a name that no account has')
) c (command, name);
SELECT lives_ok(
    $$ SELECT api.remove_limit('asset/ONE/position_size') $$, 'an operator removes a limit'
);
SELECT throws_ok(
    $$ SELECT api.remove_limit('asset/ONE/position_size') $$, 'PT404', 'no such limit',
    'an unknown limit cannot be removed'
);

SELECT * FROM finish();
ROLLBACK;
