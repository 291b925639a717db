BEGIN;

CREATE TABLE pms.rejected_messages (
    id bigint GENERATED ALWAYS AS IDENTITY,
    feed text NOT NULL,
    body bytea NOT NULL,
    digest bytea NOT NULL GENERATED ALWAYS AS (sha256(body)) STORED,
    reason text NOT NULL,
    detail text,
    trace_id text,
    seen_count integer NOT NULL DEFAULT 1,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT rejected_messages_pkey PRIMARY KEY (id),
    CONSTRAINT rejected_messages_feed_is_known
    CHECK (feed IN ('order_events', 'venue_positions', 'prices')),
    CONSTRAINT rejected_messages_body_key UNIQUE (feed, digest)
);

COMMIT;
