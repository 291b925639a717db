CREATE OR REPLACE FUNCTION pms.begin_event_epoch(after bigint)
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_epoch CONSTANT bigint := pms.current_epoch();
BEGIN
    IF v_epoch IS DISTINCT FROM pms.epoch_of_event(after + 1) THEN
        INSERT INTO pms.event_log_epochs (follows, epoch)
        VALUES (begin_event_epoch.after, v_epoch);

        -- A dump has the value of a sequence at the end of the dump, later than its rows.
        PERFORM setval('pms.sent_events', least(s.last_value, begin_event_epoch.after))
        FROM pms.sent_events s;
    END IF;

    RETURN v_epoch;
END
$$;

COMMENT ON FUNCTION pms.begin_event_epoch IS
$$The epoch of the events that are numbered next, recorded where it begins

after: the number of the newest event. Events of a restored database that the broker may not have
wait for it again.$$;

CREATE OR REPLACE FUNCTION pms.log_events(
    after bigint,
    at_most integer,
    OUT logged integer,
    OUT first_sequence bigint,
    OUT last_sequence bigint,
    OUT positions_changed boolean
)
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- The outbox is nearly empty, and may be full of dead rows.
SET enable_seqscan = off
AS $$
DECLARE
    v_sequences bigint[] := ARRAY(
        SELECT o.sequence
        FROM pms.outbox o
        WHERE o.sequence > log_events.after
        ORDER BY o.sequence
        LIMIT log_events.at_most
    );
    v_key CONSTANT bytea := (SELECT k.secret FROM pms.cursor_key k);
    v_number bigint;
    v_logged_at timestamptz;
    v_epoch bigint;
BEGIN
    logged := cardinality(v_sequences);
    IF logged = 0 THEN
        RETURN;
    END IF;

    SELECT l.number, l.logged_at
    INTO v_number, v_logged_at
    FROM pms.event_log l
    ORDER BY l.number DESC
    LIMIT 1;
    v_number := coalesce(v_number, 0);
    v_epoch := pms.begin_event_epoch(v_number);

    WITH moved AS (
        DELETE FROM pms.outbox o
        WHERE o.sequence = ANY(v_sequences)
        RETURNING o.*
    ),

    numbered AS (
        SELECT
            m.*,
            v_number + row_number() OVER (ORDER BY m.sequence) AS number
        FROM moved m
    ),

    kept AS (
        INSERT INTO pms.event_log (
            number, logged_at, id, type, account, asset, payload, trace_id, created_at
        )
        SELECT
            n.number,
            -- As the numbers, so that the oldest partition has the lowest of them.
            greatest(clock_timestamp(), v_logged_at),
            n.id, n.type, n.payload ->> 'account', n.payload ->> 'asset',
            n.payload || jsonb_build_object('cursor', pms.seal_cursor(v_key, v_epoch, n.number)),
            n.trace_id, n.created_at
        FROM numbered n
        ORDER BY n.number
    )

    SELECT
        count(*), min(m.sequence), max(m.sequence),
        bool_or(m.type IN ('position_updated', 'position_closed'))
    INTO logged, first_sequence, last_sequence, positions_changed
    FROM moved m;

    NOTIFY pms_event_log;
END
$$;

COMMENT ON FUNCTION pms.log_events IS
$$Move the oldest events of the outbox into the log, and number them in their order

At most that many, of those after a sequence. Numbers have no gap: they are given in the transaction
that moves the events, by one session at a time, and in the order in which that session sees the
events. Adds the cursor to the fields of each event.$$;

GRANT EXECUTE ON FUNCTION pms.log_events TO pms_worker;
