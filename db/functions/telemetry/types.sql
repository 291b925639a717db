CREATE TYPE pms.metric_sample AS (
    name text,
    kind text,
    help text,
    suffix text,
    labels text,
    value text
);

COMMENT ON TYPE pms.metric_sample IS
'A line of Prometheus: the name it is declared by, what stands behind that, and the value.';
