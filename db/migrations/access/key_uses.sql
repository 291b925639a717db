BEGIN;

CREATE TABLE pms.key_uses (
    key_id text NOT NULL,
    requests bigint NOT NULL,
    last_used_at timestamptz NOT NULL,
    last_used_from text NOT NULL,

    CONSTRAINT key_uses_pkey PRIMARY KEY (key_id),
    CONSTRAINT key_uses_key_id_fkey FOREIGN KEY (key_id)
    REFERENCES pms.api_keys (id) ON DELETE CASCADE,
    CONSTRAINT key_uses_requests_positive CHECK (requests > 0),
    CONSTRAINT key_uses_from_is_short CHECK (length(last_used_from) <= 64)
);

COMMIT;
