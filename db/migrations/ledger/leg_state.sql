BEGIN;

CREATE TYPE pms.leg_state AS (
    multiplier numeric,
    is_inverse boolean,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric,
    opened_at timestamptz,
    closed_at timestamptz
);

COMMIT;
