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

CREATE TYPE pms.symptom AS (
    area text,
    state text,
    found text,
    remedy text
);

COMMENT ON TYPE pms.symptom IS
'The state of the server in an area: ok, or warning or failure with the finding and a remedy.';
