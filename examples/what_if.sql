-- The effect of a fill on a position and its limits, without recording it.

\set account example-what-if

SELECT api.record_fill(
    execution_id => 'buy-1', asset => 'ETHUSDT', side => 'buy', execution_quantity => '1',
    execution_price => '2000', executed_at => '2026-01-05T10:00:00Z', account => :'account'
) ->> 'outcome' AS outcome;

-- A warning above 2, a breach above 3.
SELECT api.set_limit(
    metric => 'position_size', breach_level => 3, warn_level => 2, account => :'account',
    asset => 'ETHUSDT'
) IS NOT NULL AS is_set;

SELECT
    q.quantity,
    answer -> 'allowed' AS allowed,
    answer -> 'position' -> 'after' ->> 'size' AS size_after,
    answer -> 'position' -> 'after' ->> 'average_entry_price' AS average_after,
    answer -> 'limits' -> 0 -> 'after' ->> 'level' AS level_after
FROM (VALUES ('0.5'), ('1.5'), ('2.5')) AS q (quantity)
CROSS JOIN LATERAL api.check_fill(
    asset => 'ETHUSDT', side => 'buy', quantity => q.quantity, price => '2600',
    account => :'account'
) AS answer
ORDER BY q.quantity;

-- Nothing was recorded.
SELECT size, average_entry_price
FROM api.positions
WHERE account = :'account';
