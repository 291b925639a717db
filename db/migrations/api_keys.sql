-- Deploy position_manager:migrations/api_keys to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.api_keys (
    id text NOT NULL,
    digest bytea NOT NULL,
    role text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,

    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_digest_key UNIQUE (digest),
    CONSTRAINT api_keys_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT api_keys_role_is_known CHECK (role IN ('reader', 'trader', 'operator'))
);

COMMENT ON TABLE pms.api_keys IS 'Who may ask over HTTP. The key itself is never stored.';
COMMENT ON COLUMN pms.api_keys.id IS 'Names the key in logs and limits; not a secret.';
COMMENT ON COLUMN pms.api_keys.digest IS 'sha256 of the whole key text.';

COMMIT;
