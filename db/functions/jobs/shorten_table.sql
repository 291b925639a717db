CREATE OR REPLACE FUNCTION pms.bytes_of_row(columns integer)
RETURNS integer
LANGUAGE sql
IMMUTABLE
-- For its header and the entries of the indexes.
RETURN columns + 256;

COMMENT ON FUNCTION pms.bytes_of_row IS
'What a row counts towards the size of its table: its columns and 256 bytes.';

CREATE OR REPLACE FUNCTION pms.bytes_of_rows(partition regclass)
RETURNS bigint
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    c_blocks CONSTANT numeric := 2000;
    v_percent double precision := least(
        100, 100 * c_blocks * current_setting('block_size')::integer
        / greatest(1, pg_relation_size(partition))
    );
    v_bytes bigint;
BEGIN
    EXECUTE format(
        $sql$
        SELECT coalesce(sum(pms.bytes_of_row(pg_column_size(r))), 0) * 100 / $1
        FROM %s r TABLESAMPLE SYSTEM ($1)
        $sql$,
        partition
    )
    USING v_percent
    INTO v_bytes;

    RETURN v_bytes;
END
$$;

COMMENT ON FUNCTION pms.bytes_of_rows IS
$$The size of the rows of a partition, by a sample of some 2000 blocks

Exact up to that size. Its files are no measure: they stay as large when rows are deleted.$$;

CREATE OR REPLACE FUNCTION pms.shorten_table(
    shortened regclass,
    time_column name,
    max_bytes bigint,
    is_over text DEFAULT 'TRUE'
)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    -- The rest lasts until there is more than a few rows to delete.
    c_kept CONSTANT numeric := 0.9;
    v_deleted bigint := 0;
BEGIN
    IF pms.bytes_of_rows(shortened) > max_bytes THEN
        EXECUTE format(
            $sql$
            DELETE FROM %1$s d
            WHERE d.%2$I <= (
                SELECT max(m.moment)
                FROM (
                    SELECT
                        r.%2$I AS moment,
                        sum(pms.bytes_of_row(pg_column_size(r)))
                            OVER (ORDER BY r.%2$I DESC) AS bytes
                    FROM %1$s r
                ) m
                WHERE m.bytes > $1
            )
                AND (%3$s)
            $sql$,
            shortened, time_column, is_over
        )
        USING c_kept * max_bytes;
        GET DIAGNOSTICS v_deleted = ROW_COUNT;
    END IF;

    RETURN v_deleted;
END
$$;

COMMENT ON FUNCTION pms.shorten_table IS
$$Delete the oldest rows of a table that exceeds a size; returns their number

It keeps nine tenths of that size: a pass over the table is rare. PostgreSQL stores new rows in the
place of those that are deleted. is_over: a condition on the row d; others stay.$$;
