-- Only adds.
-- noqa: disable=RF04
BEGIN;

CREATE TABLE pms.ledger_archives (
    archive_id smallint GENERATED ALWAYS AS IDENTITY,
    partition text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    closed_at timestamptz NOT NULL,
    prepared_at timestamptz,
    entries bigint,
    voids bigint,
    legs bigint,
    digest numeric,
    archived_at timestamptz,
    archived_by xid8,
    location text,
    manifest_sha256 text,
    dropped_at timestamptz,

    CONSTRAINT ledger_archives_pkey PRIMARY KEY (archive_id),
    CONSTRAINT ledger_archives_partition_key UNIQUE (partition),
    CONSTRAINT ledger_archives_is_a_span CHECK (since < until),
    CONSTRAINT ledger_archives_is_counted CHECK (
        num_nulls(prepared_at, entries, voids, legs, digest) IN (0, 5)
    ),
    CONSTRAINT ledger_archives_is_somewhere CHECK (
        num_nulls(archived_at, archived_by, location, manifest_sha256) IN (0, 4)
    ),
    CONSTRAINT ledger_archives_goes_in_steps CHECK (
        (prepared_at IS NOT NULL OR archived_at IS NULL)
        AND (archived_at IS NOT NULL OR dropped_at IS NULL)
    )
);

-- Sorted keys in rows of 200: a key has 8 bytes, not 60, and a row stays in its page.
CREATE TABLE pms.archived_keys (
    archive_id smallint NOT NULL,
    kind "char" NOT NULL,
    first_key bigint NOT NULL,
    keys bigint[] NOT NULL,

    CONSTRAINT archived_keys_pkey PRIMARY KEY (archive_id, kind, first_key),
    CONSTRAINT archived_keys_archive_fkey
    FOREIGN KEY (archive_id) REFERENCES pms.ledger_archives (archive_id),
    CONSTRAINT archived_keys_kind_is_known CHECK (kind IN ('i', 'f', 'o', 't'))
);

-- What a leg brings forward is nothing when all of it was voided.
ALTER TABLE pms.checkpoints DROP CONSTRAINT checkpoints_ordinal_positive;

ALTER TABLE pms.checkpoints
ADD CONSTRAINT checkpoints_ordinal_not_negative CHECK (ordinal >= 0) NOT VALID;

COMMIT;

BEGIN;

ALTER TABLE pms.checkpoints VALIDATE CONSTRAINT checkpoints_ordinal_not_negative;

COMMIT;
