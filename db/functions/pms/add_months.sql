-- Deploy position_manager:functions/pms/add_months to pg
-- requires: functions/pms/month_partitions

BEGIN;

CREATE OR REPLACE FUNCTION pms.add_months(parent regclass, ahead integer)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_default regclass := (
        SELECT t.partdefid FROM pg_catalog.pg_partitioned_table t WHERE t.partrelid = parent
    );
    v_column name := (
        SELECT a.attname
        FROM pg_catalog.pg_partitioned_table t
        INNER JOIN pg_catalog.pg_attribute a
            ON t.partrelid = a.attrelid AND t.partattrs[0] = a.attnum
        WHERE t.partrelid = parent
    );
    v_months timestamptz[];
    v_month timestamptz;
    v_next timestamptz;
    v_partition text;
    v_added text[] := ARRAY[]::text[];
BEGIN
    -- Also the months of what came while they had no partition; normally that is nothing.
    EXECUTE format(
        $sql$
        SELECT array_agg(m.month ORDER BY m.month)
        FROM (
            SELECT (
                date_trunc('month', now() AT TIME ZONE 'UTC') + n * INTERVAL '1 month'
            ) AT TIME ZONE 'UTC'
            FROM generate_series(0, $1) n
            UNION
            SELECT date_trunc('month', d.%1$I, 'UTC')
            FROM %2$s d
        ) m (month)
        WHERE NOT EXISTS (
            SELECT 1 FROM pms.month_partitions($2) p WHERE p.since = m.month
        )
        $sql$,
        v_column, v_default
    )
    USING ahead, parent
    INTO v_months;

    FOREACH v_month IN ARRAY coalesce(v_months, '{}')
    LOOP
        v_next := (v_month AT TIME ZONE 'UTC' + INTERVAL '1 month') AT TIME ZONE 'UTC';
        v_partition := format(
            '%I.%I',
            (SELECT c.relnamespace::regnamespace::text FROM pg_class c WHERE c.oid = parent),
            (SELECT c.relname FROM pg_class c WHERE c.oid = parent)
            || to_char(v_month AT TIME ZONE 'UTC', '_YYYY_MM')
        );

        -- Nobody writes there between the moving and the attaching.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_default);
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', v_partition, parent);
        EXECUTE format(
            $sql$
            WITH moved AS (DELETE FROM %1$s d WHERE d.%2$I >= $1 AND d.%2$I < $2 RETURNING d.*)
            INSERT INTO %3$s SELECT m.* FROM moved m
            $sql$,
            v_default, v_column, v_partition
        )
        USING v_month, v_next;
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            parent, v_partition, v_month, v_next
        );
        v_added := v_added || to_char(v_month AT TIME ZONE 'UTC', 'YYYY-MM');
    END LOOP;

    RETURN v_added;
END
$$;

COMMENT ON FUNCTION pms.add_months IS
$$Give a table the partitions it lacks: this month and those ahead

Months are UTC's. What lies in the default partition is moved to one of its month as well. Returns
the months that were added.$$;

COMMIT;
