-- The columns, indexes and constraints of the tables.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SELECT is(
    (
        SELECT count(*)
        FROM pg_indexes
        WHERE indexname IN (
            'idx_positions_asset', 'idx_positions_mode', 'idx_positions_asset_mode',
            'idx_positions_current_price', 'idx_positions_version'
        )
    ),
    5::bigint,
    'the five indexes of the seed are there'
);
SELECT has_column('pms', 'positions', 'current_price', 'positions carry current_price');
SELECT has_column('pms', 'positions', 'version', 'positions carry version');

SELECT is_empty(
    $$ SELECT c.conrelid::regclass || ' ' || c.conname
       FROM pg_constraint c
       INNER JOIN pg_attribute a
           ON c.conrelid = a.attrelid AND a.attname = 'account' AND NOT a.attisdropped
       WHERE c.contype IN ('p', 'u') AND c.conkey[1] <> a.attnum AND a.attnotnull
           AND c.conname <> 'legs_pkey' $$,
    'account leads every key of a table that belongs to accounts, except the number of a leg'
);

SELECT is_empty(
    $$ SELECT a.attrelid::regclass || '.' || a.attname
       FROM pg_attribute a
       INNER JOIN pg_class c ON a.attrelid = c.oid
       WHERE c.relnamespace = ANY ('{pms,api,compat}'::regnamespace[])
           AND a.atttypid IN ('float4'::regtype, 'float8'::regtype) $$,
    'no amount is a float'
);

INSERT INTO pms.instruments (asset) VALUES ('BTCUSDT');

SELECT throws_ok(
    $$ INSERT INTO pms.entries (leg_id, kind, scheme, identity, identity_key, quantity, price,
           version, executed_at, recorded_at, source)
       VALUES (1, 't', '-', 'x', 0, 'NaN', 1, 1, now(), now(), 'a') $$,
    '23514', NULL, 'the ledger refuses NaN'
);
SELECT throws_ok(
    $$ INSERT INTO pms.legs (account, asset, mode, leg)
       VALUES ('main', 'BTCUSDT', 'one-way', 'long') $$,
    '23514', NULL, 'a leg of a hedge is not a position in one-way mode'
);
SELECT throws_ok(
    $$ INSERT INTO pms.positions (account, asset, mode, leg, leg_id, position_id, cost)
       VALUES ('main', 'BTCUSDT', 'one-way', 'net', 1, gen_random_uuid(), 1) $$,
    '23514', NULL, 'a flat leg has no cost'
);
SELECT throws_ok(
    $$ INSERT INTO pms.settings DEFAULT VALUES $$,
    '23505', NULL, 'there is one row of settings'
);

SELECT * FROM finish();
ROLLBACK;
