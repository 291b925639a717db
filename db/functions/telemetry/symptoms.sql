CREATE OR REPLACE FUNCTION pms.advised_settings()
RETURNS TABLE (name text, is_least boolean, small text, large text)
LANGUAGE sql
IMMUTABLE
AS $$
VALUES
('checkpoint_timeout', TRUE, '15min', '30min'),
('max_wal_size', TRUE, '2GB', '64GB'),
('vacuum_cost_limit', TRUE, '200', '2000'),
('autovacuum_vacuum_scale_factor', FALSE, '0.2', '0.02'),
('autovacuum_vacuum_insert_scale_factor', FALSE, '0.05', '0.01'),
('autovacuum_analyze_scale_factor', FALSE, '0.1', '0.02')
$$;

COMMENT ON FUNCTION pms.advised_settings IS
$$Settings of PostgreSQL that depend on the size of the database

The two columns of the table in operations.md. is_least: more is as good; else less is.$$;

CREATE OR REPLACE FUNCTION pms.setting_symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
WITH advised AS (
    SELECT
        a.name,
        a.is_least,
        CASE
            -- Above some 100,000,000 fills.
            WHEN pg_database_size(current_database()) > 50 * 2::bigint ^ 30 THEN a.large
            ELSE a.small
        END AS value
    FROM pms.advised_settings() a
),

measured AS (
    SELECT
        a.name,
        a.is_least,
        a.value,
        current_setting(a.name) AS current_value,
        n.numbers
    FROM advised a
    INNER JOIN pg_catalog.pg_settings p ON a.name = p.name
    CROSS JOIN LATERAL (
        SELECT
            array_agg(
                CASE
                    WHEN p.unit = 's' THEN extract(EPOCH FROM v.text::interval)
                    WHEN p.unit = 'MB' THEN pg_size_bytes(v.text)
                    ELSE v.text::numeric
                END
                ORDER BY v.place
            ) AS numbers
        FROM unnest(ARRAY[current_setting(a.name), a.value]) WITH ORDINALITY v (text, place)
    ) n
)

SELECT
    'settings', 'failure',
    format('%s is off', s.name),
    s.reason || format('; ALTER SYSTEM RESET %s, then reload', s.name)
FROM (
    VALUES
    ('fsync', 'a crash of the machine loses data'),
    ('full_page_writes', 'a crash of the machine damages pages'),
    ('synchronous_commit', 'a crash loses fills that were acknowledged'),
    ('autovacuum', 'tables grow with every update'),
    ('track_counts', 'autovacuum does not run')
) s (name, reason)
WHERE current_setting(s.name) = 'off'
UNION ALL
SELECT
    'settings', 'warning',
    'wal_compression is off',
    format(
        'ALTER SYSTEM SET wal_compression = %L, then reload: pages logged whole are most of the WAL',
        CASE WHEN 'lz4' = ANY (p.enumvals) THEN 'lz4' ELSE 'on' END
    )
FROM pg_catalog.pg_settings p
WHERE p.name = 'wal_compression'
    AND p.setting = 'off'
UNION ALL
SELECT
    'settings', 'warning',
    format('%s is %s', m.name, m.current_value),
    format(
        'ALTER SYSTEM SET %s = %L, then reload; see Settings of PostgreSQL in operations.md',
        m.name, m.value
    )
FROM measured m
WHERE m.numbers[1] <> m.numbers[2]
    AND (m.numbers[1] < m.numbers[2]) = m.is_least
$$;

COMMENT ON FUNCTION pms.setting_symptoms IS
'Settings of PostgreSQL that lose data, or do not fit the size of the database.';

CREATE OR REPLACE FUNCTION pms.counted_tables()
RETURNS TABLE (
    relid regclass,
    name text,
    n_live_tup bigint,
    n_dead_tup bigint,
    n_mod_since_analyze bigint,
    bytes bigint
)
LANGUAGE sql
STABLE
AS $$
SELECT
    u.relid,
    format('%I.%I', u.schemaname, u.relname),
    u.n_live_tup,
    u.n_dead_tup,
    u.n_mod_since_analyze,
    pg_relation_size(u.relid) + pg_indexes_size(u.relid)
FROM pg_catalog.pg_stat_user_tables u
WHERE u.schemaname IN ('pms', 'compat')
$$;

COMMENT ON FUNCTION pms.counted_tables IS
'Our tables and partitions, with what PostgreSQL counts of them and their size without TOAST.';

CREATE OR REPLACE FUNCTION pms.table_symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
SELECT
    'tables', 'warning',
    format('%s of %s rows of %s are dead', t.n_dead_tup, t.n_live_tup + t.n_dead_tup, t.name),
    format(
        'VACUUM %s; if they stay, see horizon below; if they come back, lower'
        ' autovacuum_vacuum_scale_factor', t.name
    )
FROM pms.counted_tables() t
WHERE t.n_dead_tup > 100000
    AND t.n_dead_tup > (t.n_live_tup + t.n_dead_tup) * 0.4
UNION ALL
SELECT
    'statistics', 'warning',
    format('%s has changed by %s rows since ANALYZE', t.name, t.n_mod_since_analyze),
    format('ANALYZE %s', t.name)
FROM pms.counted_tables() t
WHERE t.n_mod_since_analyze > 10000
    AND t.n_mod_since_analyze > t.n_live_tup * 0.5
UNION ALL
SELECT
    'tables', 'warning',
    format(
        '%s takes %s for rows of %s',
        t.name, pg_size_pretty(t.bytes), pg_size_pretty(pms.bytes_of_rows(t.relid))
    ),
    format('VACUUM FULL %s in a quiet hour, which locks it, or pg_repack', t.name)
FROM pms.counted_tables() t
WHERE t.bytes > 64 * 1024 ^ 2
    AND t.bytes > 3 * pms.bytes_of_rows(t.relid)
UNION ALL
SELECT
    'indexes', 'failure',
    format('%s is invalid', i.indexrelid::regclass),
    format('REINDEX INDEX CONCURRENTLY %s', i.indexrelid::regclass)
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON i.indexrelid = c.oid
WHERE NOT i.indisvalid
    AND c.relkind = 'i'
    AND c.relnamespace = 'pms'::regnamespace
$$;

COMMENT ON FUNCTION pms.table_symptoms IS
$$Tables with dead rows, old statistics or much more space than rows, and invalid indexes

A table of which nothing is counted yet, as after a crash, has none.$$;

CREATE OR REPLACE FUNCTION pms.partition_symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
SELECT
    'partitions', 'warning',
    format(
        '%s has no partition for the %s of %s', t.parent, t.unit,
        to_char(n.moment AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    ),
    'position-manager jobs run maintain_partitions; its last error is in  jobs list'
FROM pms.partitioned_tables() t
CROSS JOIN LATERAL (
    VALUES (now()), (now() + ('1 ' || t.unit)::interval)
) n (moment)
WHERE NOT EXISTS (
    SELECT
    FROM pms.partitions_of(t.parent) p
    WHERE p.since <= n.moment
        AND n.moment < p.until
)
$$;

COMMENT ON FUNCTION pms.partition_symptoms IS
'Tables without a partition for the present month or day, or for the next.';

CREATE OR REPLACE FUNCTION pms.server_symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
SELECT
    'replication',
    CASE WHEN s.wal_status IN ('unreserved', 'lost') THEN 'failure' ELSE 'warning' END,
    format(
        'slot %s %s and keeps %s of WAL', s.slot_name,
        CASE WHEN s.active THEN 'is behind' ELSE 'has no reader' END, pg_size_pretty(s.kept)
    ),
    format(
        'start its reader, or SELECT pg_drop_replication_slot(%L): its WAL fills the disk',
        s.slot_name
    )
FROM (
    SELECT
        r.*,
        coalesce(pg_wal_lsn_diff(w.lsn, r.restart_lsn), 0)::bigint AS kept
    FROM pg_catalog.pg_replication_slots r
    CROSS JOIN (
        SELECT
            CASE
                WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn()
            END AS lsn
    ) w
) s
WHERE NOT s.active
    OR s.kept > 2::bigint ^ 30
UNION ALL
SELECT
    'replication', 'warning',
    'max_slot_wal_keep_size is -1, and there are replication slots',
    'ALTER SYSTEM SET max_slot_wal_keep_size = ''10GB'', then reload: a lost reader fills the disk'
WHERE current_setting('max_slot_wal_keep_size') = '-1'
    AND EXISTS (SELECT FROM pg_catalog.pg_replication_slots)
UNION ALL
SELECT
    'horizon', 'warning',
    format('session %s of %s is in a transaction since %s', a.pid, a.usename, a.xact_start),
    format('SELECT pg_terminate_backend(%s): vacuum removes no row that it may still see', a.pid)
FROM pg_catalog.pg_stat_activity a
WHERE a.datname = current_database()
    AND a.xact_start < now() - interval '1 hour'
    AND a.backend_type = 'client backend'
UNION ALL
SELECT
    'horizon', 'failure',
    format('prepared transaction %s is open since %s', x.gid, x.prepared),
    format('COMMIT PREPARED or ROLLBACK PREPARED %L', x.gid)
FROM pg_catalog.pg_prepared_xacts x
WHERE x.database = current_database()
    AND x.prepared < now() - interval '1 hour'
UNION ALL
SELECT
    'wraparound',
    CASE WHEN d.transactions > 1500000000 THEN 'failure' ELSE 'warning' END,
    format('the oldest row is %s transactions old', d.transactions),
    'VACUUM FREEZE, and see horizon and settings: at 2,000,000,000 writes are refused'
FROM (
    SELECT greatest(age(b.datfrozenxid), mxid_age(b.datminmxid)) AS transactions
    FROM pg_catalog.pg_database b
    WHERE b.datname = current_database()
) d
WHERE d.transactions > 500000000
UNION ALL
SELECT
    'checksums', 'failure',
    format('%s pages did not match their checksum', s.checksum_failures),
    'replace the disk, and restore a backup: operations.md'
FROM pg_catalog.pg_stat_database s
WHERE s.datname = current_database()
    AND s.checksum_failures > 0
UNION ALL
SELECT
    'connections', 'warning',
    format('%s of %s connections are in use', c.used, current_setting('max_connections')),
    'see who has them in pg_stat_activity, or raise max_connections'
FROM (
    SELECT count(*) AS used
    FROM pg_catalog.pg_stat_activity a
    WHERE a.backend_type = 'client backend'
) c
WHERE c.used > 0.8 * current_setting('max_connections')::integer
$$;

COMMENT ON FUNCTION pms.server_symptoms IS
'Replication slots, old transactions, wraparound, damaged pages, connections.';

CREATE OR REPLACE FUNCTION pms.upkeep_symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
SELECT
    'jobs', 'warning',
    CASE
        WHEN j.last_status = 'failed' THEN format('%s failed: %s', j.job, j.last_error)
        ELSE format('%s is overdue', j.job)
    END,
    CASE
        WHEN j.last_status = 'failed' THEN format('position-manager jobs run %s', j.job)
        ELSE 'is pg_cron running? else a crontab runs  jobs run --due  every minute'
    END
FROM pms.job_status j
WHERE j.is_overdue
    OR j.last_status = 'failed'
UNION ALL
SELECT
    'backup', 'warning',
    format('the newest verified backup is %s hours old', pms.verified_backup_age() / 3600),
    'position-manager keep-backups FOLDER every night: operations.md'
WHERE pms.verified_backup_age() > 36 * 3600
$$;

COMMENT ON FUNCTION pms.upkeep_symptoms IS 'Jobs that fail or are overdue, and old backups.';

CREATE OR REPLACE FUNCTION pms.symptoms()
RETURNS SETOF pms.symptom
LANGUAGE sql
STABLE
AS $$
WITH found AS MATERIALIZED (
    -- Once, not for each area (ADR 0002).
    SELECT s.* FROM pms.setting_symptoms() s
    UNION ALL
    SELECT t.* FROM pms.table_symptoms() t
    UNION ALL
    SELECT p.* FROM pms.partition_symptoms() p
    UNION ALL
    SELECT r.* FROM pms.server_symptoms() r
    UNION ALL
    SELECT u.* FROM pms.upkeep_symptoms() u
)

SELECT a.area, coalesce(f.state, 'ok'), f.found, f.remedy
FROM unnest(
    '{settings,tables,statistics,indexes,partitions,replication,horizon,wraparound,checksums,
    connections,jobs,backup}'::text[]
) WITH ORDINALITY a (area, place)
LEFT JOIN found f ON a.area = f.area
ORDER BY a.place, f.state, f.found
$$;

COMMENT ON FUNCTION pms.symptoms IS $$The symptoms of the database server, each with its remedy

An area without a symptom has one row, with the state ok.$$;
