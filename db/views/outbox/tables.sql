COMMENT ON TABLE pms.outbox IS $$Events that the relay has not logged yet

Written in the transaction of the change; moved by the relay into pms.event_log.$$;
COMMENT ON COLUMN pms.outbox.id IS 'The event''s id, and the message_id under which it is sent.';
COMMENT ON COLUMN pms.outbox.type IS 'The kind of event: its routing key.';

COMMENT ON TABLE pms.event_log IS $$Events in the order in which the relay has seen them

Written by the relay before it sends them; partitioned by day, kept for event_retention.$$;
COMMENT ON COLUMN pms.event_log.number IS
'One more than that of the event before: there are no gaps.';
COMMENT ON COLUMN pms.event_log.logged_at IS
'When it was numbered; never before an event with a lower number.';
COMMENT ON COLUMN pms.event_log.account IS
'The account that the event is about; null: all accounts.';
COMMENT ON COLUMN pms.event_log.payload IS 'The event as it is sent, with its cursor.';

COMMENT ON TABLE pms.event_log_epochs IS 'The epochs in which events were numbered.';
COMMENT ON COLUMN pms.event_log_epochs.follows IS
'The number of the last event before the epoch.';

COMMENT ON TABLE pms.cursor_key IS 'The key with which the cursors of events are made.';

COMMENT ON TABLE pms.outbox_reader IS $$Whether the reader of the outbox waits to be notified

No row: it does. While events flow, the relay polls and no transaction notifies it.$$;

COMMENT ON TABLE pms.refused_events IS $$Events that a full queue refused

All other queues have them. The relay sends each to the queue of its type alone, until that has room
or the event is older than the limits of the queue allow.$$;
COMMENT ON COLUMN pms.refused_events.number IS
'The number of the event in the log; 0 or less for one from before there was a log.';

GRANT SELECT, INSERT, DELETE ON pms.refused_events TO pms_worker;

COMMENT ON TABLE pms.event_epoch IS
'The epoch of the database, without the timeline of the server; a restored backup gets a new one.';

COMMENT ON TABLE pms.webhooks IS 'Up to which number of the log each webhook has sent.';
COMMENT ON COLUMN pms.webhooks.endpoint IS 'The SHA-256 of its URL, which may contain a secret.';
