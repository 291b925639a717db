BEGIN;

-- The digest of a message that was cut cannot be computed again.
ALTER TABLE pms.rejected_messages
DROP CONSTRAINT rejected_messages_body_key,
DROP COLUMN digest,
DROP COLUMN bytes;

ALTER TABLE pms.rejected_messages
ADD COLUMN digest bytea NOT NULL GENERATED ALWAYS AS (sha256(body)) STORED,
ADD CONSTRAINT rejected_messages_body_key UNIQUE (feed, digest);

ALTER TABLE pms.settings
DROP COLUMN rejected_retention,
DROP COLUMN rejected_max_bytes,
DROP COLUMN audit_retention,
DROP COLUMN audit_max_bytes;

COMMIT;
