CREATE OR REPLACE FUNCTION pms.measure_tables(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE sql
AS $$
WITH measured AS (
    INSERT INTO pms.table_sizes AS m (table_name, measured_at, bytes)
    SELECT
        n.name,
        date_trunc('day', now(), 'UTC'),
        sum(pg_total_relation_size(c.oid))
    FROM pg_catalog.pg_class c
    CROSS JOIN LATERAL (
        SELECT r.relname AS name
        FROM pg_catalog.pg_class r
        WHERE r.oid = CASE WHEN c.relispartition THEN pg_partition_root(c.oid) ELSE c.oid END
    ) n
    WHERE c.relnamespace = 'pms'::regnamespace
        AND c.relkind = 'r'
    GROUP BY n.name
    ON CONFLICT ON CONSTRAINT table_sizes_pkey DO UPDATE
    SET bytes = excluded.bytes
    RETURNING m.bytes
)

SELECT
    NULL::jsonb,
    format('%s tables, %s bytes', count(*), sum(s.bytes))
FROM measured s
$$;

COMMENT ON FUNCTION pms.measure_tables IS
'Note how large each table is, with its partitions, indexes and TOAST: a job, a row for each day.';

CREATE OR REPLACE FUNCTION pms.storage()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    'bytes', coalesce(sum(g.bytes), 0),
    'growth_bytes_per_day', sum(g.per_day),
    'tables', coalesce(
        jsonb_object_agg(
            g.table_name,
            jsonb_build_object('bytes', g.bytes, 'growth_bytes_per_day', g.per_day)
        ) FILTER (WHERE g.place <= 20),
        '{}'
    )
)
FROM (
    SELECT
        t.table_name,
        t.bytes,
        trunc(
            (t.bytes - f.bytes) * 86400
            / nullif(extract(EPOCH FROM t.measured_at - f.measured_at), 0)
        ) AS per_day,
        row_number() OVER (ORDER BY t.bytes DESC, t.table_name) AS place
    FROM pms.table_sizes t
    CROSS JOIN (SELECT max(l.measured_at) AS newest FROM pms.table_sizes l) m
    LEFT JOIN LATERAL (
        SELECT e.measured_at, e.bytes
        FROM pms.table_sizes e
        WHERE e.table_name = t.table_name
            AND e.measured_at >= m.newest - interval '7 days'
        ORDER BY e.measured_at
        LIMIT 1
    ) f ON TRUE
    WHERE t.measured_at = m.newest
) g
$$;

COMMENT ON FUNCTION pms.storage IS $$How large the tables are and how fast they grow, for metrics

{bytes, growth_bytes_per_day, tables: {name: {bytes, growth_bytes_per_day}}}: of all tables, and of
the 20 largest, as the job measure_tables last found them. Growth is that of up to seven days; null
on the first day.$$;
