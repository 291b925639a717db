-- A position at several moments of its life, from the ledger alone.

\set account example-as-of

SELECT outcome ->> 'outcome' AS outcome
FROM jsonb_array_elements(api.record_fills(jsonb_build_array(
    jsonb_build_object(
        'execution_id', 'buy-1', 'asset', 'SOLUSDT', 'side', 'buy', 'execution_quantity', '10',
        'execution_price', '150', 'executed_at', '2026-01-05T10:00:00Z', 'account', :'account'
    ),
    jsonb_build_object(
        'execution_id', 'sell-1', 'asset', 'SOLUSDT', 'side', 'sell', 'execution_quantity', '4',
        'execution_price', '160', 'executed_at', '2026-01-06T10:00:00Z', 'account', :'account'
    ),
    jsonb_build_object(
        'execution_id', 'sell-2', 'asset', 'SOLUSDT', 'side', 'sell', 'execution_quantity', '6',
        'execution_price', '145', 'executed_at', '2026-01-07T10:00:00Z', 'account', :'account'
    )
)) -> 'outcomes') AS outcome;

SELECT m.day, p.size, p.average_entry_price, p.realized_pnl
FROM (VALUES ('2026-01-05'), ('2026-01-06'), ('2026-01-07')) AS m (day)
CROSS JOIN LATERAL api.positions_as_of(
    at => (m.day || 'T23:59:59Z')::timestamptz, account => :'account'
) AS p
ORDER BY m.day;

-- Before the first fill there is no position.
SELECT count(*) AS positions
FROM api.positions_as_of(at => '2026-01-04T00:00:00Z', account => :'account');

-- The completed round trip.
SELECT
    direction, opened_at, closed_at, entries, average_entry_price, average_exit_price, net_pnl
FROM api.closed_cycles(
    asset => 'SOLUSDT', account => :'account',
    from_time => '2026-01-01T00:00:00Z', to_time => '2026-02-01T00:00:00Z'
);
