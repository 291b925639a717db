-- Breaches are recorded and published once, when they start and when they end.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.fill(side text, quantity text)
RETURNS text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[jsonb_build_object(
    'event_type', 'order_executed', 'execution_id', gen_random_uuid(), 'asset', 'ONE',
    'side', side, 'execution_quantity', quantity, 'execution_price', '10'
)]) o
$$;

CREATE FUNCTION pg_temp.published()
RETURNS TABLE (type text, limit_id text, value text, peak_value text, is_ended boolean)
LANGUAGE sql
AS $$
WITH sent AS (
    DELETE FROM pms.outbox o
    WHERE o.aggregatetype = 'limit'
    RETURNING o.*
)

SELECT s.type, s.payload ->> 'limit_id', s.payload ->> 'value', s.payload ->> 'peak_value',
    s.payload ->> 'ended_at' IS NOT NULL
FROM sent s
ORDER BY s.sequence
$$;

SELECT o.outcome
FROM pms.apply_prices(ARRAY[
    '{"event_type": "ticker", "payload": {"symbol": "ONE", "mark_price": "10"}}'
]::jsonb[]) o;
SELECT api.set_limit('gross_exposure', 100);
SELECT api.set_limit('position_size', 11.5, account => 'main', asset => 'ONE');

SELECT pg_temp.fill('buy', '10');
SELECT pms.publish_portfolio();
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'at its level a limit is not breached');

SELECT pg_temp.fill('buy', '1');
SELECT pms.publish_portfolio();
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() $$,
    $$ VALUES ('limit_breached', 'portfolio/gross_exposure', '110', '110', FALSE) $$,
    'publishing the portfolio publishes a breach'
);
SELECT pg_temp.fill('buy', '1');
SELECT is(
    (pms.check_limits(NULL)).done, '2 limits watched, 2 breached', 'the job reports its counts'
);
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() $$,
    $$ VALUES ('limit_breached', 'asset/main/ONE/position_size', '12', '12', FALSE) $$,
    'a breach is published once, whichever check finds it'
);
SELECT results_eq(
    $$ SELECT b.account, b.asset, b.scope, b.metric, b.breach_level, b.peak_value,
           b.ended_at IS NULL
       FROM api.limit_breaches b ORDER BY b.id $$,
    $$ VALUES
       (NULL, NULL, 'portfolio', 'gross_exposure', 100::numeric, 120::numeric, TRUE),
       ('main', 'ONE', 'asset', 'position_size', 11.5, 12, TRUE) $$,
    'a lasting breach keeps its peak'
);

SELECT pg_temp.fill('sell', '2');
SELECT pms.publish_portfolio();
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() $$,
    $$ VALUES ('limit_cleared', 'asset/main/ONE/position_size', '10', '12', TRUE),
       ('limit_cleared', 'portfolio/gross_exposure', '100', '120', TRUE) $$,
    'a breach ends once the value is at the limit'
);
SELECT pms.check_limits(NULL);
SELECT is_empty($$ SELECT * FROM pg_temp.published() $$, 'its end is published once');

SELECT pg_temp.fill('buy', '5');
SELECT pms.check_limits(NULL);
SELECT is(
    (SELECT count(*) FROM api.limit_breaches b), 4::bigint, 'a limit breached again is another breach'
);
SELECT api.remove_limit('asset/main/ONE/position_size');
SELECT pms.check_limits(NULL);
SELECT results_eq(
    $$ SELECT * FROM pg_temp.published() t WHERE t.type = 'limit_cleared' $$,
    $$ VALUES ('limit_cleared', 'asset/main/ONE/position_size', NULL, '15', TRUE) $$,
    'a removed limit is no longer breached'
);

-- A clear level, and the fill that began a breach

CREATE FUNCTION pg_temp.judged(price text)
RETURNS SETOF text
LANGUAGE sql
AS $$
SELECT o.outcome
FROM pms.apply_prices(ARRAY[jsonb_build_object(
    'event_type', 'ticker', 'payload', jsonb_build_object('symbol', 'TWO', 'mark_price', price)
)]) o;
SELECT pms.publish_portfolio();
SELECT p.type FROM pg_temp.published() p WHERE p.limit_id = 'account/second/gross_exposure'
$$;

SELECT api.set_limit('gross_exposure', 100, account => 'second', clear_level => 90);
SELECT pg_temp.judged('10');
SELECT o.outcome
FROM pms.apply_order_events(ARRAY[
    '{"event_type": "order_executed", "execution_id": "s1", "asset": "TWO", "side": "buy",
      "account": "second", "execution_quantity": "11", "execution_price": "10",
      "trace_id": "trace-of-the-fill"}'
]::jsonb[]) o;
SELECT set_eq(
    $$ SELECT * FROM pg_temp.judged('10') $$, ARRAY['limit_breached'], 'above its level it breaches'
);
SELECT is(
    (SELECT b.trace_id FROM api.limit_breaches b WHERE b.account = 'second'), 'trace-of-the-fill',
    'the breach has the trace of its fill'
);
SELECT is_empty(
    $$ SELECT j FROM (VALUES ('9'), ('9.5'), ('8.2')) v (price), pg_temp.judged(v.price) j $$,
    'between its levels the breach lasts'
);
SELECT set_eq(
    $$ SELECT * FROM pg_temp.judged('8.1') $$, ARRAY['limit_cleared'],
    'at its clear level it has ended'
);
SELECT set_eq(
    $$ SELECT j FROM (VALUES ('9.2'), ('9.2')) v (price), pg_temp.judged(v.price) j $$,
    ARRAY['limit_breached'], 'and begins again'
);
SELECT is(
    (SELECT b.trace_id FROM api.limit_breaches b WHERE b.account = 'second' AND b.ended_at IS NULL),
    NULL, 'a breach by prices has no trace'
);
SELECT throws_ok(
    $$ SELECT api.set_limit('gross_exposure', 100, clear_level => 101) $$, 'PT400',
    'no such limit can be', 'a clear level is not above the level'
);

SELECT * FROM finish();
ROLLBACK;
