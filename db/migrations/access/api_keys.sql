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

COMMIT;
