CREATE TYPE pms.outbox_event AS (
    aggregatetype text,
    aggregateid text,
    type text,
    trace_id text,
    payload jsonb
);

COMMENT ON TYPE pms.outbox_event IS $$An event to publish

The columns are those of pms.outbox. payload: the fields of its type, without those that every event
has.$$;
