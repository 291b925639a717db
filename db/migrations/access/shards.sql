-- Only adds.
BEGIN;

CREATE TABLE pms.shard (
    only_row boolean NOT NULL DEFAULT TRUE,
    shard smallint NOT NULL,
    map_version bigint NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT shard_pkey PRIMARY KEY (only_row),
    CONSTRAINT shard_is_one_row CHECK (only_row),
    CONSTRAINT shard_has_a_number CHECK (shard BETWEEN 0 AND 999),
    CONSTRAINT shard_map_version_positive CHECK (map_version > 0)
);

CREATE TABLE pms.shard_buckets (
    bucket smallint NOT NULL,
    shard smallint NOT NULL,

    CONSTRAINT shard_buckets_pkey PRIMARY KEY (bucket),
    CONSTRAINT shard_buckets_are_thousand CHECK (bucket BETWEEN 0 AND 999),
    CONSTRAINT shard_buckets_shard_is_a_number CHECK (shard BETWEEN 0 AND 999)
);

CREATE TABLE pms.pinned_accounts (
    account text NOT NULL,
    shard smallint NOT NULL,

    CONSTRAINT pinned_accounts_pkey PRIMARY KEY (account),
    CONSTRAINT pinned_accounts_shard_is_a_number CHECK (shard BETWEEN 0 AND 999)
);

COMMIT;
