CREATE OR REPLACE VIEW pms.record_tables AS
SELECT
    t.place,
    t.table_name,
    t.time_column,
    t.is_over,
    s.record_retention AS retention,
    s.record_max_bytes AS max_bytes
FROM pms.settings s
CROSS JOIN (
    VALUES
    (1, 'pms.validations'::regclass, 'started_at', 'TRUE'),
    (2, 'pms.verifications', 'started_at', 'TRUE'),
    (
        3, 'pms.discrepancies', 'last_seen_at',
        -- A difference that was dismissed would be opened again.
        'd.status IN (''fixed'', ''accepted'', ''resolved'')'
    ),
    (4, 'pms.limit_breaches', 'began_at', 'd.ended_at IS NOT NULL'),
    (5, 'pms.restatements', 'recorded_at', 'TRUE'),
    (6, 'pms.restated_pnl', 'recorded_at', 'TRUE'),
    (
        7, 'pms.backups', 'taken_at',
        'd.taken_at < (SELECT max(b.taken_at) FROM pms.backups b WHERE b.is_verified)'
    ),
    (8, 'pms.refused_events', 'created_at', 'TRUE'),
    (9, 'pms.table_sizes', 'measured_at', 'TRUE')
) t (place, table_name, time_column, is_over);

COMMENT ON VIEW pms.record_tables IS
$$The tables of records that pms.purge_records shortens, and how much of each is kept

is_over: a condition on the row d; others stay, whatever their age. max_bytes: of each table.$$;
