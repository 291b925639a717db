-- Hedge mode: one asset held long and short at the same time, with separate costs.

\set account example-hedge

SELECT outcome ->> 'outcome' AS outcome
FROM jsonb_array_elements(api.record_fills(jsonb_build_array(
    jsonb_build_object(
        'execution_id', 'long-1', 'asset', 'BTCUSDT', 'mode', 'hedge', 'position_side', 'long',
        'side', 'buy', 'execution_quantity', '2', 'execution_price', '50000',
        'executed_at', '2026-01-05T10:00:00Z', 'account', :'account'
    ),
    jsonb_build_object(
        'execution_id', 'short-1', 'asset', 'BTCUSDT', 'mode', 'hedge', 'position_side', 'short',
        'side', 'sell', 'execution_quantity', '0.5', 'execution_price', '52000',
        'executed_at', '2026-01-05T11:00:00Z', 'account', :'account'
    )
)) -> 'outcomes') AS outcome;

-- size is long - short. Averages are never mixed: there is none while both legs are open.
SELECT size, long_size, short_size, average_entry_price, cost_basis
FROM api.positions
WHERE account = :'account';

-- A buy on the short side closes the short leg and leaves the long leg alone.
SELECT api.record_fill(
    execution_id => 'short-2', asset => 'BTCUSDT', mode => 'hedge', position_side => 'short',
    side => 'buy', execution_quantity => '0.5', execution_price => '51000',
    executed_at => '2026-01-05T12:00:00Z', account => :'account'
) ->> 'outcome' AS outcome;

SELECT size, long_size, short_size, average_entry_price, realized_pnl
FROM api.positions
WHERE account = :'account';
