BEGIN;

ALTER TABLE pms.refused_events RENAME COLUMN number TO sequence;

CREATE INDEX outbox_announcements_idx
ON pms.outbox (aggregateid, sequence) WHERE type = 'portfolio_updated';

-- What waits for the broker goes back, in front of nothing newer than itself.
INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id, created_at)
SELECT
    l.id,
    'event' AS aggregatetype,
    coalesce(l.account, 'all') AS aggregateid,
    l.type,
    l.payload - 'cursor' AS payload,
    l.trace_id,
    l.created_at
FROM pms.event_log l
WHERE l.number > (SELECT s.last_value FROM pms.sent_events s)
ORDER BY l.number;

DROP TABLE pms.cursor_key;
DROP TABLE pms.event_log_epochs;
DROP SEQUENCE pms.sent_events;
DROP TABLE pms.event_log;

ALTER TABLE pms.settings
DROP COLUMN event_retention;

COMMIT;
