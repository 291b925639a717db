SELECT
    p.id,
    p.asset,
    p.mode,
    p.size,
    p.average_entry_price,
    p.current_price,
    p.unrealized_pnl,
    p.realized_pnl,
    p.long_size,
    p.short_size,
    p.long_avg_price,
    p.short_avg_price,
    p.version,
    p.last_updated,
    p.last_snapshot_at,
    p.closed_at,
    p.created_at,
    s.compat
FROM compat.positions p
CROSS JOIN pms.settings s
WHERE FALSE;

SELECT has_function_privilege('compat.replace_written()', 'EXECUTE');

SELECT has_function_privilege('compat.delete_unknown()', 'EXECUTE');
