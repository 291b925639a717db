BEGIN;

CREATE TABLE pms.request_keys (
    key_id text NOT NULL,
    request_key text NOT NULL,
    command text NOT NULL,
    digest bytea NOT NULL,
    status integer,
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT request_keys_pkey PRIMARY KEY (key_id, request_key)
);

CREATE INDEX request_keys_created_at_idx ON pms.request_keys (created_at);

COMMIT;
