BEGIN;

DROP INDEX pms.rejected_messages_seen_idx;

COMMIT;
