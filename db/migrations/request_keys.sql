-- Deploy position_manager:migrations/request_keys to pg
-- requires: migrations/schemas

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

COMMENT ON TABLE pms.request_keys IS
$$What was answered to the commands that came with an Idempotency-Key

Kept for a day. A row is written when the command begins and seen by others when it has ended: who
comes second with the same key waits for the first.$$;
COMMENT ON COLUMN pms.request_keys.key_id IS 'The API key: what others call alike is another.';
COMMENT ON COLUMN pms.request_keys.digest IS 'sha256 of the arguments.';
COMMENT ON COLUMN pms.request_keys.status IS 'Of the answer over HTTP.';

CREATE TYPE pms.command AS (
    name text,
    arguments jsonb,
    account text,
    request_key text,
    answer jsonb
);

COMMENT ON TYPE pms.command IS $$A command between its begin and its answer

answer: what is to be answered at once, because the request was answered before or is refused; null:
it is to be done. request_key: the Idempotency-Key under which the answer is kept.$$;

COMMIT;
