COMMENT ON TABLE pms.outbox IS $$Events that are decided but not yet confirmed by the broker

Written in the transaction of the change; deleted by the relay once confirmed.$$;
COMMENT ON COLUMN pms.outbox.id IS 'The event''s id, and the message_id under which it is sent.';
COMMENT ON COLUMN pms.outbox.type IS 'The kind of event: its routing key.';

-- SKIP LOCKED is not needed: one relay at a time keeps the order.
GRANT SELECT, DELETE ON pms.outbox TO pms_worker;
