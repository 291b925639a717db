SELECT number, logged_at, id, type, account, asset, payload, trace_id, created_at
FROM pms.event_log
WHERE FALSE;

SELECT follows, epoch
FROM pms.event_log_epochs
WHERE FALSE;

SELECT 1 / count(*)
FROM pms.cursor_key
WHERE length(secret) = 32;

SELECT event_retention
FROM pms.settings
WHERE FALSE;

SELECT number
FROM pms.refused_events
WHERE FALSE;

SELECT last_value
FROM pms.sent_events;
