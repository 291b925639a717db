CREATE OR REPLACE FUNCTION pms.current_epoch()
RETURNS bigint
-- Not SQL, which would be planned in every transaction (ADR 0002).
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT
            e.number
            -- The first eight digits of the name of a WAL file are the timeline of the server.
            + ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::integer
        FROM pms.event_epoch e
    );
END
$$;

COMMENT ON FUNCTION pms.current_epoch IS
$$The epoch of the versions in events: in a greater one, versions may start lower

A restored backup begins a new epoch. So does a recovery to a point in time and the promotion of a
standby: each raises the timeline of the server.$$;

CREATE OR REPLACE FUNCTION pms.publish_events(events pms.outbox_event[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_published_at CONSTANT text := pms.time_text(clock_timestamp());
    v_epoch CONSTANT bigint := pms.current_epoch();
BEGIN
    -- The transaction takes its number before its sequences: the relay relies on that order.
    IF cardinality(events) > 0 THEN
        PERFORM pg_current_xact_id();
    END IF;

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.id, e.aggregatetype, e.aggregateid, e.type,
        e.payload || jsonb_build_object(
            'event_type', e.type,
            'event_id', e.id,
            'trace_id', e.trace_id,
            'epoch', v_epoch,
            'timestamp', v_published_at
        ),
        e.trace_id
    FROM (
        SELECT gen_random_uuid() AS id, u.*
        FROM unnest(publish_events.events) u
    ) e;

    -- Notifying makes all commits of the server take turns.
    IF FOUND AND (SELECT r.is_waiting FROM pms.outbox_reader r) IS NOT FALSE THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.publish_events IS $$Leave events in the outbox, in their order

The relay sends them once the transaction commits, and is notified only while it waits. Adds the
fields that every event has: event_type, event_id, trace_id, epoch and timestamp. null and an empty
array publish nothing.$$;

CREATE OR REPLACE FUNCTION pms.set_outbox_reader(is_waiting boolean)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
INSERT INTO pms.outbox_reader (is_waiting)
VALUES (set_outbox_reader.is_waiting)
ON CONFLICT ON CONSTRAINT outbox_reader_pkey DO UPDATE
SET is_waiting = excluded.is_waiting
$$;

COMMENT ON FUNCTION pms.set_outbox_reader IS
$$Record whether the reader of the outbox waits for a notification

A reader that begins to wait must look once more afterwards: a transaction under way may not have
seen it.$$;

GRANT EXECUTE ON FUNCTION pms.set_outbox_reader TO pms_worker;
