-- Only adds.
BEGIN;

CREATE TABLE pms.restated_pnl (
    leg_id integer NOT NULL,
    quarter_hour timestamptz NOT NULL,
    restatement_id bigint NOT NULL,
    recorded_at timestamptz NOT NULL,
    size numeric NOT NULL,
    cost numeric NOT NULL,
    realized numeric NOT NULL,
    fees_open numeric NOT NULL,
    fees_close numeric NOT NULL,
    funding numeric NOT NULL,

    CONSTRAINT restated_pnl_pkey PRIMARY KEY (leg_id, quarter_hour, restatement_id)
);

COMMIT;
