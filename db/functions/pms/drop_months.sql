-- Deploy position_manager:functions/pms/drop_months to pg
-- requires: functions/pms/month_partitions

BEGIN;

CREATE OR REPLACE FUNCTION pms.drop_months(parent regclass, since timestamptz)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_partition regclass;
    v_month timestamptz;
    v_dropped text[] := ARRAY[]::text[];
BEGIN
    FOR v_partition, v_month IN
        SELECT p.partition, p.since
        FROM pms.month_partitions(parent) p
        WHERE p.until <= drop_months.since
    LOOP
        EXECUTE format('DROP TABLE %s', v_partition);
        v_dropped := v_dropped || to_char(v_month AT TIME ZONE 'UTC', 'YYYY-MM');
    END LOOP;

    RETURN v_dropped;
END
$$;

COMMENT ON FUNCTION pms.drop_months IS $$Drop the months of a table that are past entirely

Those whose last moment is before since. Returns the months that were dropped.$$;

COMMIT;
