BEGIN;

DROP INDEX pms.event_log_others_idx;

COMMIT;
