-- Only adds.
BEGIN;

ALTER TABLE pms.conflicts
ADD COLUMN asset text,
ADD COLUMN mode text,
ADD COLUMN leg text,
ADD COLUMN status text NOT NULL DEFAULT 'waiting',
ADD CONSTRAINT conflicts_leg_is_whole CHECK (num_nonnulls(asset, mode, leg) IN (0, 3)),
ADD CONSTRAINT conflicts_status_is_known CHECK (status IN ('waiting', 'kept', 'taken'));

CREATE INDEX conflicts_digest_idx ON pms.conflicts (digest);

-- A message that contradicts the ledger is a dead letter as well.
ALTER TABLE pms.rejected_messages ADD COLUMN conflict_id bigint;

CREATE INDEX rejected_messages_conflict_idx ON pms.rejected_messages (conflict_id)
WHERE conflict_id IS NOT NULL;

COMMIT;
