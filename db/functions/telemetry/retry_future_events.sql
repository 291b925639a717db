CREATE OR REPLACE FUNCTION pms.settle_rejected_message(id bigint, became pms.outcome)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF (became).outcome = 'rejected' THEN
        UPDATE pms.rejected_messages r
        SET reason = (became).reason,
            detail = (became).detail,
            last_seen_at = clock_timestamp()
        WHERE r.id = settle_rejected_message.id;
    ELSE
        DELETE FROM pms.rejected_messages r WHERE r.id = settle_rejected_message.id;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.settle_rejected_message IS
$$Record the outcome of a rejected message that was taken again

It leaves the dead letters unless it was rejected again. Its row must be locked.$$;

CREATE OR REPLACE FUNCTION pms.retry_future_events(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    letter record;
    became pms.outcome;
    v_accepted bigint := 0;
    v_total bigint;
BEGIN
    FOR letter IN
        SELECT r.id, pms.parse_json(r.body) AS message
        FROM pms.rejected_messages r
        WHERE r.feed = 'order_events'
            AND r.reason = 'time_in_future'
        ORDER BY r.last_seen_at, r.id
        LIMIT 100
        FOR UPDATE SKIP LOCKED
    LOOP
        BEGIN
            became := pms.apply_order_events(ARRAY[letter.message]);
        EXCEPTION
            -- As the worker does: it is the fault of the message.
            WHEN data_exception OR integrity_constraint_violation THEN
                became := (1, 'rejected', 'database_error', 'SQLSTATE ' || SQLSTATE, NULL);
        END;

        PERFORM pms.settle_rejected_message(letter.id, became);
        v_accepted := v_accepted + (became.outcome <> 'rejected')::integer;
    END LOOP;

    v_total := coalesce((progress ->> 'accepted')::bigint, 0) + v_accepted;

    RETURN (
        -- Those that lie in the future are the last now; where all do, a later run looks again.
        CASE WHEN v_accepted > 0 THEN jsonb_build_object('accepted', v_total) END,
        format('%s order events accepted', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.retry_future_events IS
$$Retry order events that were rejected because their time lay in the future

A job, in steps of 100. They are applied once their time has come, or once the clock of the database
is right. Prices and reports of the venue are left to an operator: by then they are not the newest.$$;
