BEGIN;

-- Column names are those of Debezium's outbox event router, so that it could take over.
CREATE TABLE pms.outbox (
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    trace_id text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT outbox_pkey PRIMARY KEY (sequence)
);

-- Announcements that a newer one replaces are looked for among thousands of other events.
CREATE INDEX outbox_announcements_idx
ON pms.outbox (aggregateid, sequence) WHERE type = 'portfolio_updated';

-- What the portfolio was when it was last announced: an unchanged one is not announced again.
CREATE TABLE pms.portfolio_announcement (
    only_row boolean NOT NULL DEFAULT TRUE,
    totals jsonb NOT NULL,

    CONSTRAINT portfolio_announcement_pkey PRIMARY KEY (only_row),
    CONSTRAINT portfolio_announcement_has_one_row CHECK (only_row)
);

COMMIT;
