-- Fills and prices recorded as lists: only a list of 1 to 1000 is accepted.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SET LOCAL ROLE pms_trader;

SELECT is(
    api.record_fills(l.list) -> 'details' ->> 'field', 'fills', 'no list of fills: ' || l.name
)
FROM (
    VALUES
    (NULL::jsonb, 'null'), ('{}', 'an object'), ('7', 'a number'), ('[]', 'an empty list'),
    ((SELECT jsonb_agg(n) FROM generate_series(1, 1001) n), 'too long a list')
) l (list, name);

SELECT is(
    api.record_prices(l.list) -> 'details' ->> 'field', 'prices', 'no list of prices: ' || l.name
)
FROM (VALUES (NULL::jsonb, 'null'), ('"x"', 'a text'), ('[]', 'an empty list')) l (list, name);

SELECT is(
    api.record_fills('[{"execution_id": "a", "asset": "BTCUSDT", "side": "buy",
        "execution_quantity": "1", "execution_price": "2"}, 7]')
    #>> '{outcomes,0,outcome}',
    'applied',
    'a bad fill does not affect the others'
);
SELECT is(
    api.record_prices('[{"symbol": "BTCUSDT", "mark_price": "3"}, {}]')
    #>> '{outcomes,1,outcome}',
    'rejected',
    'a price without fields is rejected with its place'
);

SELECT * FROM finish();
ROLLBACK;
