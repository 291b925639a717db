-- Deploy position_manager:migrations/key_uses to pg
-- requires: migrations/api_keys

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

COMMENT ON TABLE pms.key_uses IS
'How the keys were used, from the log of the gateway: nothing is written when somebody reads.';
COMMENT ON COLUMN pms.key_uses.requests IS 'That the key has opened something for.';
COMMENT ON COLUMN pms.key_uses.last_used_from IS 'The address of the client.';

COMMIT;
