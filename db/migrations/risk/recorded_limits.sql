-- Only adds.
BEGIN;

CREATE TABLE pms.recorded_limits (
    limit_id text NOT NULL,
    value numeric NOT NULL,
    utilisation numeric NOT NULL,
    level text NOT NULL,  -- noqa: RF04
    recorded_at timestamptz NOT NULL,

    CONSTRAINT recorded_limits_pkey PRIMARY KEY (limit_id),
    CONSTRAINT recorded_limits_level_is_known CHECK (level IN ('ok', 'warn', 'breach'))
);

COMMIT;
