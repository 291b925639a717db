CREATE OR REPLACE FUNCTION pms.publish_events(events pms.outbox_event[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_published_at CONSTANT text := pms.time_text(clock_timestamp());
BEGIN
    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.id, e.aggregatetype, e.aggregateid, e.type,
        e.payload || jsonb_build_object(
            'event_type', e.type,
            'event_id', e.id,
            'trace_id', e.trace_id,
            'timestamp', v_published_at
        ),
        e.trace_id
    FROM (
        SELECT gen_random_uuid() AS id, u.*
        FROM unnest(publish_events.events) u
    ) e;

    IF FOUND THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.publish_events IS $$Leave events in the outbox, in their order

The relay sends them once the transaction commits. Adds the fields that every event has: event_type,
event_id, trace_id and timestamp. null and an empty array publish nothing.$$;
