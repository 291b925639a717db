-- Revert position_manager:migrations/rejected_messages from pg

BEGIN;

DROP TABLE pms.rejected_messages;

COMMIT;
