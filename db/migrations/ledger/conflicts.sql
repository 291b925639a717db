BEGIN;

CREATE TABLE pms.conflicts (
    id bigint GENERATED ALWAYS AS IDENTITY,
    account text NOT NULL,
    identity text NOT NULL,
    recorded jsonb NOT NULL,
    received jsonb NOT NULL,
    digest text NOT NULL GENERATED ALWAYS AS (md5(received::text)) STORED,
    seen_count integer NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT conflicts_pkey PRIMARY KEY (account, id),
    -- By a digest: a message may be larger than an index holds.
    CONSTRAINT conflicts_version_key UNIQUE (account, identity, digest)
);

COMMIT;
