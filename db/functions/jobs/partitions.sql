CREATE OR REPLACE FUNCTION pms.partitioned_tables()
RETURNS TABLE (
    place integer, parent regclass, unit text, retention interval, max_bytes bigint
)
LANGUAGE sql
STABLE
AS $$
SELECT t.place, t.parent, t.unit, t.retention, t.max_bytes
FROM pms.settings s
CROSS JOIN LATERAL (
    VALUES
    (1, 'pms.snapshots'::regclass, 'month', s.snapshot_retention, NULL::bigint),
    (2, 'pms.portfolio_history', 'month', s.portfolio_history_retention, NULL),
    (3, 'pms.audit', 'month', s.audit_retention, s.audit_max_bytes),
    (4, 'pms.event_log', 'day', s.event_retention, NULL)
) t (place, parent, unit, retention, max_bytes)
$$;

COMMENT ON FUNCTION pms.partitioned_tables IS
$$The tables that are partitioned by time, and how much of each is kept

unit: month or day, the span of a partition; retention: for how long; max_bytes: up to which size,
null for any.$$;

CREATE OR REPLACE FUNCTION pms.partitions_of(parent regclass)
RETURNS TABLE (partition regclass, since timestamptz, until timestamptz)
LANGUAGE sql
STABLE
AS $$
SELECT
    c.oid::regclass,
    (regexp_match(b.bound, 'FROM \(''([^'']+)''\)'))[1]::timestamptz,
    (regexp_match(b.bound, 'TO \(''([^'']+)''\)'))[1]::timestamptz
FROM pg_catalog.pg_inherits i
INNER JOIN pg_catalog.pg_class c ON i.inhrelid = c.oid
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound) b
WHERE i.inhparent = partitions_of.parent
    AND b.bound <> 'DEFAULT'
ORDER BY 2
$$;

COMMENT ON FUNCTION pms.partitions_of IS
'The partitions of a table and what they hold, from since until before until; not the default one.';

CREATE OR REPLACE FUNCTION pms.months_beyond(parent regclass, max_bytes bigint)
RETURNS timestamptz
LANGUAGE sql
STABLE
STRICT
AS $$
SELECT max(p.until)
FROM (
    SELECT
        m.until,
        sum(pms.bytes_of_rows(m.partition)) OVER (ORDER BY m.since DESC) AS bytes
    FROM pms.partitions_of(months_beyond.parent) m
) p
WHERE p.bytes > months_beyond.max_bytes
    -- The present month has no end yet.
    AND p.until <= now()
$$;

COMMENT ON FUNCTION pms.months_beyond IS
$$The end of the newest month of a table with which it exceeds a size; null when it does not

Counted from the newest month back; the present month and those to come always fit.$$;

CREATE OR REPLACE FUNCTION pms.partition_column(parent regclass)
RETURNS name
LANGUAGE sql
STABLE
AS $$
SELECT a.attname
FROM pg_catalog.pg_partitioned_table t
INNER JOIN pg_catalog.pg_attribute a
    ON t.partrelid = a.attrelid AND t.partattrs[0] = a.attnum
WHERE t.partrelid = partition_column.parent
$$;

COMMENT ON FUNCTION pms.partition_column IS 'The column by which a table is partitioned.';

CREATE OR REPLACE FUNCTION pms.partition_unit(parent regclass, OUT unit text, OUT written text)
LANGUAGE sql
STABLE
AS $$
SELECT t.unit, CASE t.unit WHEN 'day' THEN 'YYYY-MM-DD' ELSE 'YYYY-MM' END
FROM pms.partitioned_tables() t
WHERE t.parent = partition_unit.parent
$$;

COMMENT ON FUNCTION pms.partition_unit IS
'The span of the partitions of a table, and how the beginning of one is written.';

CREATE OR REPLACE FUNCTION pms.create_partitions(parent regclass, ahead integer)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_default regclass := (
        SELECT t.partdefid FROM pg_catalog.pg_partitioned_table t WHERE t.partrelid = parent
    );
    v_column name := pms.partition_column(parent);
    v_unit text;
    v_written text;
    v_spans timestamptz[];
    v_since timestamptz;
    v_until timestamptz;
    v_partition text;
    v_added text[] := ARRAY[]::text[];
BEGIN
    SELECT u.unit, u.written INTO v_unit, v_written FROM pms.partition_unit(parent) u;

    -- Also those of rows that arrived without a partition; normally there are none.
    EXECUTE format(
        $sql$
        SELECT array_agg(s.since ORDER BY s.since)
        FROM (
            SELECT (
                date_trunc($3, now() AT TIME ZONE 'UTC') + n * ('1 ' || $3)::interval
            ) AT TIME ZONE 'UTC'
            FROM generate_series(0, $1) n
            UNION
            SELECT date_trunc($3, d.%1$I, 'UTC')
            FROM %2$s d
        ) s (since)
        WHERE NOT EXISTS (
            SELECT 1 FROM pms.partitions_of($2) p WHERE p.since = s.since
        )
        $sql$,
        v_column, v_default
    )
    USING ahead, parent, v_unit
    INTO v_spans;

    FOREACH v_since IN ARRAY coalesce(v_spans, '{}')
    LOOP
        v_until := (v_since AT TIME ZONE 'UTC' + ('1 ' || v_unit)::interval) AT TIME ZONE 'UTC';
        v_partition := format(
            '%I.%I',
            (SELECT c.relnamespace::regnamespace::text FROM pg_class c WHERE c.oid = parent),
            (SELECT c.relname FROM pg_class c WHERE c.oid = parent)
            || '_' || replace(to_char(v_since AT TIME ZONE 'UTC', v_written), '-', '_')
        );

        -- Nobody writes there between the moving and the attaching.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_default);
        EXECUTE format(
            'CREATE TABLE %s (LIKE %s INCLUDING ALL) %s', v_partition, parent,
            -- Vacuum freezes a month while it fills; days are dropped before that pays.
            CASE v_unit WHEN 'month' THEN 'WITH (autovacuum_freeze_min_age = 0)' END
        );
        EXECUTE format(
            $sql$
            WITH moved AS (DELETE FROM %1$s d WHERE d.%2$I >= $1 AND d.%2$I < $2 RETURNING d.*)
            INSERT INTO %3$s SELECT m.* FROM moved m
            $sql$,
            v_default, v_column, v_partition
        )
        USING v_since, v_until;
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            parent, v_partition, v_since, v_until
        );
        v_added := v_added || to_char(v_since AT TIME ZONE 'UTC', v_written);
    END LOOP;

    RETURN v_added;
END
$$;

COMMENT ON FUNCTION pms.create_partitions IS
$$Give a table the partitions it lacks: the present one and those ahead

Months and days are UTC's. What lies in the default partition is moved to one of its time as well.
Returns the months or days that were added.$$;

CREATE OR REPLACE FUNCTION pms.drop_partitions(parent regclass, since timestamptz)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_partition regclass;
    v_since timestamptz;
    v_until timestamptz;
    v_written text := (SELECT u.written FROM pms.partition_unit(parent) u);
    v_dropped text[] := ARRAY[]::text[];
BEGIN
    FOR v_partition, v_since, v_until IN
        SELECT p.partition, p.since, p.until
        FROM pms.partitions_of(parent) p
        WHERE p.until <= drop_partitions.since
            AND (
                parent <> 'pms.event_log'::regclass OR p.until <= pms.log_needed_since()
            )
    LOOP
        -- Its newest rows may hold for the months after it.
        IF parent = 'pms.portfolio_history'::regclass THEN
            PERFORM pms.carry_portfolio_history(v_until);
        END IF;

        EXECUTE format('DROP TABLE %s', v_partition);
        v_dropped := v_dropped || to_char(v_since AT TIME ZONE 'UTC', v_written);
    END LOOP;

    RETURN v_dropped;
END
$$;

COMMENT ON FUNCTION pms.drop_partitions IS $$Drop the partitions of a table that are past entirely

Those whose last moment is before since. Returns the months or days that were dropped. The totals
with which a month of the portfolio history ends stay, as the first row of the next one. Events that
the broker has not confirmed stay, as does the newest one.$$;

CREATE OR REPLACE FUNCTION pms.maintain_table(
    parent regclass,
    retention interval,
    max_bytes bigint DEFAULT NULL,
    ahead integer DEFAULT 2
)
RETURNS text
LANGUAGE plpgsql
-- Readers and writers of the table go first: a later run does the rest.
SET lock_timeout = '2s'
AS $$
DECLARE
    v_since timestamptz := greatest(now() - retention, pms.months_beyond(parent, max_bytes));
    v_added text[];
    v_dropped text[];
    v_deleted bigint := 0;
BEGIN
    -- One at a time; readers and writers go on.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);

    -- In this order: dropping locks the table first, adding its default partition, and a reader goes
    -- from the one to the other.
    v_dropped := pms.drop_partitions(parent, v_since);
    v_added := pms.create_partitions(parent, ahead);
    IF max_bytes IS NOT NULL THEN
        v_deleted := pms.shorten_table(
            (
                SELECT p.partition
                FROM pms.partitions_of(maintain_table.parent) p
                WHERE p.since <= now() AND p.until > now()
            ),
            pms.partition_column(parent), max_bytes
        );
    END IF;

    RETURN format(
        '%s: %s', parent,
        concat_ws(
            ', ',
            'added ' || nullif(array_to_string(v_added, ' '), ''),
            'dropped ' || nullif(array_to_string(v_dropped, ' '), ''),
            'deleted ' || nullif(v_deleted, 0) || ' rows',
            CASE
                WHEN v_added = '{}' AND v_dropped = '{}' AND v_deleted = 0 THEN 'nothing to do'
            END
        )
    );
END
$$;

COMMENT ON FUNCTION pms.maintain_table IS
$$Give a table the partitions to come, and drop those beyond retention or max_bytes

Whole ones, and of the present one the oldest rows: what is younger than retention stays, up to
max_bytes. Says what it did. Raises 55P03 when the table is in use for longer than 2 s; nothing has
been done then.$$;

CREATE OR REPLACE FUNCTION pms.maintain_partitions(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_place integer := coalesce((progress ->> 'place')::integer, 1);
    v_done text := concat_ws(
        '; ',
        progress ->> 'done',
        (
            SELECT pms.maintain_table(t.parent, t.retention, t.max_bytes)
            FROM pms.partitioned_tables() t
            WHERE t.place = v_place
        )
    );
BEGIN
    RETURN (
        CASE
            WHEN EXISTS (SELECT 1 FROM pms.partitioned_tables() t WHERE t.place = v_place + 1)
                THEN jsonb_build_object('place', v_place + 1, 'done', v_done)
        END,
        v_done
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.maintain_partitions IS
$$Make the partitions to come and drop those beyond retention: a step of the job, one table

Of every table in pms.partitioned_tables. Drops nothing that is younger than its retention and
fits.$$;
