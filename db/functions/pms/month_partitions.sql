-- Deploy position_manager:functions/pms/month_partitions to pg
-- requires: migrations/schemas

BEGIN;

CREATE OR REPLACE FUNCTION pms.month_partitions(parent regclass)
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
WHERE i.inhparent = month_partitions.parent
    AND b.bound <> 'DEFAULT'
ORDER BY 2
$$;

COMMENT ON FUNCTION pms.month_partitions IS
'The partitions of a table and what they hold, from since until before until; not the default one.';

COMMIT;
