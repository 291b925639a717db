BEGIN;

CREATE TABLE pms.idempotency_keys (
    key_id text NOT NULL,
    request_key text NOT NULL,
    command text NOT NULL,
    digest bytea NOT NULL,
    status integer,
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key_id, request_key)
);

CREATE INDEX idempotency_keys_created_at_idx ON pms.idempotency_keys (created_at);

COMMIT;
