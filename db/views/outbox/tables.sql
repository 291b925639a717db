COMMENT ON TABLE pms.outbox IS $$Events that the broker has not confirmed yet

Written in the transaction of the change; deleted by the relay once confirmed.$$;
COMMENT ON COLUMN pms.outbox.id IS 'The event''s id, and the message_id under which it is sent.';
COMMENT ON COLUMN pms.outbox.type IS 'The kind of event: its routing key.';

-- The relay needs no FOR UPDATE SKIP LOCKED: one relay at a time keeps the order.
GRANT SELECT, DELETE ON pms.outbox TO pms_worker;

COMMENT ON TABLE pms.outbox_reader IS $$Whether the reader of the outbox waits to be notified

No row: it does. While events flow, the relay polls and no transaction notifies it.$$;

COMMENT ON TABLE pms.refused_events IS $$Events that a full queue refused

All other queues have them. The relay sends each to the queue of its type alone, until that has room
or the event is older than the limits of the queue allow.$$;
COMMENT ON COLUMN pms.refused_events.sequence IS 'The place that the event had in the outbox.';

GRANT SELECT, INSERT, DELETE ON pms.refused_events TO pms_worker;

COMMENT ON TABLE pms.event_epoch IS
'The epoch of the database, without the timeline of the server; a restored backup gets a new one.';
