CREATE OR REPLACE FUNCTION pms.lock_legs_of_rejected_messages(ids bigint[])
RETURNS pms.leg_key[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys CONSTANT pms.leg_key[] := pms.existing_legs(ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM pms.rejected_messages r
        WHERE r.id = ANY(ids)
            AND r.account IS NOT NULL
    ));
BEGIN
    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
    END IF;

    RETURN v_keys;
END
$$;

COMMENT ON FUNCTION pms.lock_legs_of_rejected_messages IS
$$Lock the legs that are flagged for rejected messages; return them

Legs are locked before the messages, as in a batch of the worker.$$;

CREATE OR REPLACE FUNCTION pms.delete_rejected_messages(ids bigint[])
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys CONSTANT pms.leg_key[] := pms.lock_legs_of_rejected_messages(ids);
    v_conflicts bigint[];
    v_deleted bigint;
BEGIN
    WITH deleted AS (
        DELETE FROM pms.rejected_messages r
        WHERE r.id = ANY(ids)
        RETURNING r.conflict_id
    )

    SELECT count(*), array_agg(d.conflict_id) FILTER (WHERE d.conflict_id IS NOT NULL)
    INTO v_deleted, v_conflicts
    FROM deleted d;

    PERFORM pms.review_rejected_messages(v_keys);

    IF v_conflicts IS NOT NULL THEN
        PERFORM pms.settle_conflicts(v_conflicts, 'kept');
    END IF;

    RETURN v_deleted;
END
$$;

COMMENT ON FUNCTION pms.delete_rejected_messages IS
$$Delete rejected messages, and the flags of the positions that they name; return their number

One that contradicts the ledger is decided with it: the recorded version stands.$$;

CREATE OR REPLACE FUNCTION pms.settle_rejected_message(id bigint, became pms.outcome)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys pms.leg_key[];
    v_settled bigint;
BEGIN
    IF (became).outcome = 'rejected' THEN
        v_keys := pms.lock_legs_of_rejected_messages(ARRAY[settle_rejected_message.id]);

        UPDATE pms.rejected_messages r
        SET reason = (became).reason,
            detail = (became).detail,
            last_seen_at = clock_timestamp()
        WHERE r.id = settle_rejected_message.id;
        GET DIAGNOSTICS v_settled = ROW_COUNT;

        PERFORM pms.review_rejected_messages(v_keys);
    ELSE
        v_settled := pms.delete_rejected_messages(ARRAY[settle_rejected_message.id]);
    END IF;

    IF v_settled = 0 THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = format('no dead letter %s', settle_rejected_message.id);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.settle_rejected_message IS
$$Record the outcome of a rejected message that was taken again

It leaves the dead letters unless it was rejected again, and with it the flag of its position. Raises
PT404 when it was dropped or retried since it was read: roll back what has been applied.$$;

CREATE OR REPLACE FUNCTION pms.is_of_future(message jsonb)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(a.reason, e.reason) = 'time_in_future'
FROM pms.parse_order_events(ARRAY[is_of_future.message], TRUE) e
LEFT JOIN LATERAL pms.parse_amendments(ARRAY[is_of_future.message], ARRAY[1]) a
    ON e.outcome = 'deferred'
$$;

COMMENT ON FUNCTION pms.is_of_future IS
'Whether an order event would be rejected now because its time lies in the future.';

CREATE OR REPLACE FUNCTION pms.retry_future_events(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT integer := 1000;
    letter record;
    v_message jsonb;
    became pms.outcome;
    v_after bigint := coalesce((progress ->> 'after')::bigint, 0);
    v_accepted bigint := coalesce((progress ->> 'accepted')::bigint, 0);
BEGIN
    FOR letter IN
        SELECT r.id, r.body
        FROM pms.rejected_messages r
        WHERE r.feed = 'order_events'
            AND r.reason = 'time_in_future'
            AND r.id > v_after
        ORDER BY r.id
        LIMIT c_most
    LOOP
        v_after := letter.id;
        v_message := pms.parse_json(letter.body);
        -- It stays as it is: only those that were seen for the last time long ago are forgotten.
        CONTINUE WHEN pms.is_of_future(v_message);

        -- The legs are locked before the letter, as in a batch of the worker.
        BEGIN
            BEGIN
                became := pms.apply_order_events(ARRAY[v_message]);
            EXCEPTION
                -- As the worker does: it is the fault of the message.
                WHEN data_exception OR integrity_constraint_violation THEN
                    became := (1, 'rejected', 'database_error', 'SQLSTATE ' || SQLSTATE, NULL);
            END;

            -- It goes where its account has gone, with the other letters of it.
            CONTINUE WHEN became.outcome = 'misdirected';

            PERFORM pms.settle_rejected_message(letter.id, became);
        EXCEPTION
            WHEN SQLSTATE 'PT404' THEN
                CONTINUE;
        END;

        v_accepted := v_accepted + (became.outcome <> 'rejected')::integer;
        -- One in a transaction.
        EXIT;
    END LOOP;

    RETURN (
        CASE WHEN FOUND THEN jsonb_build_object('after', v_after, 'accepted', v_accepted) END,
        format('%s order events accepted', v_accepted)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.retry_future_events IS
$$Retry order events that were rejected because their time lay in the future

A job, in steps of one that is retried or 1000 that are too early. They are applied once their time
has come, or once the clock of the database is right. Prices and reports of the venue are left to an
operator: by then they are not the newest. Those of an account that another shard has stay.$$;
