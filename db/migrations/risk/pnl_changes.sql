-- Only adds.
BEGIN;

CREATE TABLE pms.leg_pnl (
    leg_id integer NOT NULL,
    quarter_hour timestamptz NOT NULL,
    size numeric NOT NULL,
    cost numeric NOT NULL,
    realized numeric NOT NULL,
    fees_open numeric NOT NULL,
    fees_close numeric NOT NULL,
    funding numeric NOT NULL,

    CONSTRAINT leg_pnl_pkey PRIMARY KEY (leg_id, quarter_hour)
);

CREATE TABLE pms.asset_pnl (
    asset text NOT NULL,
    quarter_hour timestamptz NOT NULL,
    size numeric NOT NULL,
    cost numeric NOT NULL,
    realized numeric NOT NULL,
    fees_open numeric NOT NULL,
    fees_close numeric NOT NULL,
    funding numeric NOT NULL,

    CONSTRAINT asset_pnl_pkey PRIMARY KEY (asset, quarter_hour)
);

CREATE TABLE pms.leg_pnl_marks (
    leg_id integer NOT NULL,
    entered_at timestamptz NOT NULL,
    executed_at timestamptz NOT NULL,
    entry_id bigint NOT NULL,
    ordinal bigint NOT NULL,
    state pms.leg_state NOT NULL,

    CONSTRAINT leg_pnl_marks_pkey PRIMARY KEY (leg_id)
);

COMMIT;
