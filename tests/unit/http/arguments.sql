-- Arguments of a request: each kind has its range, and every argument that is out of it is named.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SELECT is(
    (
        pms.parse_arguments(ARRAY[(l.kind, l.kind, l.literal)]::pms.argument[])
    ).value ->> l.kind,
    l.value,
    format('%s of %s', l.kind, l.name)
)
FROM (
    VALUES
    ('account', 'Main.1', 'Main.1', 'its own letters'),
    ('account', ' DU12/34 ', 'DU12/34', 'blanks around it'),
    ('account', '...', NULL, 'no letter'),
    ('account', repeat('a', 65), NULL, '65 characters'),
    ('asset', 'btcUSDT', 'BTCUSDT', 'any case'),
    ('asset', 'btc/usdt:usdt', 'BTC/USDT:USDT', 'a slash'),
    ('asset', 'BTC"', NULL, 'a quote'),
    ('mode', 'Hedge', 'hedge', 'any case'),
    ('mode', 'hedged', NULL, 'another word'),
    ('decimal', '-1.50', '-1.5', 'a negative amount'),
    ('decimal', '1e20', NULL, '10^20'),
    ('decimal', '0.1000000000000000000', '0.1', '18 digits and a zero'),
    ('decimal', '0.0000000000000000001', NULL, '19 digits'),
    ('limit', '1000', '1000', 'the most'),
    ('limit', '0', NULL, '0'),
    ('limit', '1001', NULL, 'more than the most'),
    ('offset', '0', '0', '0'),
    ('offset', '1000000000', NULL, 'ten digits'),
    ('entry', '007', '007', 'leading zeros'),
    ('entry', '0', NULL, '0'),
    ('flag', 'TRUE', 'true', 'any case'),
    ('flag', '1', NULL, 'a number'),
    (
        'uuid', '6BA7B810-9DAD-11D1-80B4-00C04FD430C8', '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
        'any case'
    ),
    ('uuid', '6ba7b8109dad11d180b400c04fd430c8', NULL, 'hexadecimal digits alone'),
    ('status', 'Resolved', 'resolved', 'any case'),
    ('status', 'gone', NULL, 'another word'),
    ('note', 'seen it (twice)', 'seen it (twice)', 'plain text'),
    ('note', 'a' || chr(10), NULL, 'a line break'),
    ('note', repeat('a', 501), NULL, '501 characters')
) l (kind, literal, value, name);

SELECT is(
    (
        (pms.parse_arguments(ARRAY[('at', 'time', l.literal)]::pms.argument[])).value ->> 'at'
    )::timestamptz,
    l.value::timestamptz,
    'time of ' || l.name
)
FROM (
    VALUES
    ('2025-01-31t12:00:00z', '2025-01-31T12:00:00Z', 'lower case'),
    ('0001-01-01T00:00:00+01:00', '0001-01-01T00:00:00Z', 'a zone that leaves the years'),
    ('1767225600', NULL, 'seconds since 1970'),
    ('yesterday', NULL, 'a word')
) l (literal, value, name);

SELECT is(
    (
        pms.parse_arguments(
            ARRAY[
                ('asset', 'asset', ''), ('mode', 'mode', 'x'), ('limit', 'limit', NULL),
                ('offset', 'offset', '5')
            ]::pms.argument[],
            '{asset}'
        )
    ).objections,
    '{
        "asset":
        "must be given: 1 to 64 letters, digits, blanks within or . _ - : / @ = ^ & + #",
        "mode": "must be one-way or hedge"
    }',
    'what is required or out of range is named, what is absent or in range is not'
);
SELECT is(
    (pms.parse_arguments(ARRAY[('mode', 'mode', 'hedge')]::pms.argument[])).objections,
    NULL,
    'nothing is wrong'
);
SELECT is(
    (pms.parse_arguments(ARRAY[('mode', 'mode', 'HEDGE')]::pms.argument[])).given,
    '{"mode": "HEDGE"}',
    'the literal stays beside the value'
);

SELECT isnt(pms.argument_range(k.kind), NULL, 'the range of ' || k.kind || ' is written')
FROM (
    SELECT DISTINCT m.part[1] AS kind
    FROM pg_proc p
    CROSS JOIN regexp_matches(
        pg_get_functiondef(p.oid), '\(''[a-z_]+'', ''([a-z]+)'', [a-z][a-z_. >'']*\)', 'g'
    ) m (part)
    WHERE p.pronamespace IN ('api'::regnamespace, 'pms'::regnamespace)
        AND p.prokind = 'f'
        AND p.prosrc LIKE '%parse_arguments(%'
) k (kind);

SELECT * FROM finish();
ROLLBACK;
