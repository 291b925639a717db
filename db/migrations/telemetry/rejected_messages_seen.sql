-- Only adds.
BEGIN;

-- The newest rejection, also of a message that was rejected before.
CREATE INDEX rejected_messages_seen_idx ON pms.rejected_messages (last_seen_at);

COMMIT;
