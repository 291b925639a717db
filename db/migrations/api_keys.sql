-- Deploy position_manager:migrations/api_keys to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.api_keys (
    id text NOT NULL,
    digest bytea NOT NULL,
    handle text NOT NULL,
    fingerprint bytea,
    role text NOT NULL,
    name text NOT NULL,
    tier text NOT NULL DEFAULT 'default',
    account_scope text[],
    replaces text,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,

    CONSTRAINT api_keys_pkey PRIMARY KEY (id),
    CONSTRAINT api_keys_digest_key UNIQUE (digest),
    CONSTRAINT api_keys_id_is_a_name CHECK (id ~ '^[a-z0-9-]{1,32}$'),
    CONSTRAINT api_keys_digest_is_sha256 CHECK (length(digest) = 32),
    CONSTRAINT api_keys_handle_is_a_name CHECK (handle ~ '^([a-z0-9-]{1,32}|[?])$'),
    CONSTRAINT api_keys_fingerprint_is_md5 CHECK (length(fingerprint) = 16),
    CONSTRAINT api_keys_role_is_known CHECK (role IN ('reader', 'trader', 'operator')),
    CONSTRAINT api_keys_name_is_short CHECK (length(name) BETWEEN 1 AND 64),
    CONSTRAINT api_keys_tier_is_a_name CHECK (tier ~ '^[A-Za-z0-9-]{1,64}$'),
    CONSTRAINT api_keys_account_scope_is_names CHECK (
        array_to_string(account_scope, ',', '?')
        ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(,[A-Za-z0-9][A-Za-z0-9._-]{0,63})*$'
    ),
    CONSTRAINT api_keys_replaces_fkey FOREIGN KEY (replaces) REFERENCES pms.api_keys (id)
);

COMMENT ON TABLE pms.api_keys IS 'Who may ask over HTTP. The key itself is never stored.';
COMMENT ON COLUMN pms.api_keys.id IS 'Names the key in logs and limits; not a secret.';
COMMENT ON COLUMN pms.api_keys.digest IS 'sha256 of the whole key text.';
COMMENT ON COLUMN pms.api_keys.handle IS
'What stands between pms_ and _ in the key; ? when it is not made so.';
COMMENT ON COLUMN pms.api_keys.fingerprint IS
'By it the gateway, which cannot do sha256, tells the holder from who only knows the id: md5 of
position-manager:<key>. Null: the key shares the limit of its address.';
COMMENT ON COLUMN pms.api_keys.tier IS 'How many requests a minute it may make: a name of limits.';
COMMENT ON COLUMN pms.api_keys.account_scope IS 'The accounts it is bound to; null: all.';
COMMENT ON COLUMN pms.api_keys.replaces IS 'The key that this one was rotated from.';

COMMIT;
