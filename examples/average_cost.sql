-- Average cost: two buys, a partial close and a flip.
-- The rules are in specs/001-position-management/accounting.md.

\set account example-average-cost

SELECT api.record_fill(
    execution_id => 'buy-1', asset => 'BTCUSDT', side => 'buy', execution_quantity => '1',
    execution_price => '48000', execution_fees => '25', executed_at => '2026-01-05T10:00:00Z',
    account => :'account'
) ->> 'outcome' AS outcome;

SELECT api.record_fill(
    execution_id => 'buy-2', asset => 'BTCUSDT', side => 'buy', execution_quantity => '0.5',
    execution_price => '50000', execution_fees => '25', executed_at => '2026-01-05T11:00:00Z',
    account => :'account'
) ->> 'outcome' AS outcome;

-- An opening fee does not touch realized PnL.
SELECT size, average_entry_price, cost_basis, realized_pnl, fees_paid
FROM api.positions
WHERE account = :'account';

-- Closing a third releases a third of the cost. The average stays.
SELECT api.record_fill(
    execution_id => 'sell-1', asset => 'BTCUSDT', side => 'sell', execution_quantity => '0.5',
    execution_price => '51000', execution_fees => '25.50', executed_at => '2026-01-05T12:00:00Z',
    account => :'account'
) ->> 'outcome' AS outcome;

SELECT size, average_entry_price, cost_basis, realized_pnl, fees_paid
FROM api.positions
WHERE account = :'account';

-- A flip: one fill closes the long position and opens a short one at its own price.
SELECT api.record_fill(
    execution_id => 'sell-2', asset => 'BTCUSDT', side => 'sell', execution_quantity => '1.5',
    execution_price => '52000', execution_fees => '30', executed_at => '2026-01-05T13:00:00Z',
    account => :'account'
) ->> 'outcome' AS outcome;

SELECT size, average_entry_price, cost_basis, realized_pnl, fees_paid
FROM api.positions
WHERE account = :'account';

-- A repeated fill is a duplicate. The same identity with different content is a conflict.
SELECT api.record_fill(
    execution_id => 'sell-2', asset => 'BTCUSDT', side => 'sell', execution_quantity => '1.5',
    execution_price => '52000', execution_fees => '30', executed_at => '2026-01-05T13:00:00Z',
    account => :'account'
) ->> 'outcome' AS outcome;

SELECT answer ->> 'error_code' AS code, answer ->> 'message' AS message
FROM api.record_fill(
    execution_id => 'sell-2', asset => 'BTCUSDT', side => 'sell', execution_quantity => '1.5',
    execution_price => '52001', execution_fees => '30', executed_at => '2026-01-05T13:00:00Z',
    account => :'account'
) AS answer;

-- The ledger behind the position.
SELECT side, quantity, price, fee, executed_at
FROM api.fills
WHERE account = :'account'
ORDER BY executed_at, id;
