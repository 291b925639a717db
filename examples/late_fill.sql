-- A late fill takes its place by event time; the change of past profit is a restatement.

\set account example-late-fill

SELECT outcome ->> 'outcome' AS outcome
FROM jsonb_array_elements(api.record_fills(jsonb_build_array(
    jsonb_build_object(
        'execution_id', 'buy-1', 'asset', 'ETHUSDT', 'side', 'buy', 'execution_quantity', '2',
        'execution_price', '2000', 'executed_at', '2026-01-05T10:00:00Z', 'account', :'account'
    ),
    jsonb_build_object(
        'execution_id', 'sell-1', 'asset', 'ETHUSDT', 'side', 'sell', 'execution_quantity', '1',
        'execution_price', '2300', 'executed_at', '2026-01-05T12:00:00Z', 'account', :'account'
    )
)) -> 'outcomes') AS outcome;

SELECT size, average_entry_price, realized_pnl
FROM api.positions
WHERE account = :'account';

-- The moment of our knowledge before the late fill.
SELECT clock_timestamp() AS before \gset

-- A buy executed at 11:00 arrives after the sell executed at 12:00.
SELECT api.record_fill(
    execution_id => 'buy-2', asset => 'ETHUSDT', side => 'buy', execution_quantity => '2',
    execution_price => '2200', executed_at => '2026-01-05T11:00:00Z', account => :'account'
) ->> 'outcome' AS outcome;

-- The sell is now measured against the average of both buys.
SELECT size, average_entry_price, realized_pnl
FROM api.positions
WHERE account = :'account';

SELECT cause, earliest_at, realized_pnl_before, realized_pnl_after, realized_pnl_change
FROM api.restatements
WHERE account = :'account'
ORDER BY id;

-- The state at 12:30, as known now and as known before the late fill.
SELECT 'now' AS known_at, p.size, p.average_entry_price, p.realized_pnl
FROM api.positions_as_of('2026-01-05T12:30:00Z', clock_timestamp(), :'account') AS p
UNION ALL
SELECT 'before' AS known_at, p.size, p.average_entry_price, p.realized_pnl
FROM api.positions_as_of('2026-01-05T12:30:00Z', :'before', :'account') AS p;

-- The late fill was a mistake: a bust voids it and restores the former profit.
SELECT api.bust_fill(execution_id => 'buy-2', account => :'account') ->> 'outcome' AS outcome;

SELECT cause, realized_pnl_before, realized_pnl_after
FROM api.restatements
WHERE account = :'account'
ORDER BY id;
