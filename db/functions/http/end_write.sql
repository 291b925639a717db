CREATE OR REPLACE FUNCTION pms.await_replication()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- A commit whose wait for a standby is canceled is reported as done, although it may get lost.
    PERFORM set_config('statement_timeout', '0', TRUE);

    -- A commit without writes waits for no standby, not even on account of what it has read.
    IF current_setting('synchronous_standby_names') <> ''
        AND pg_current_xact_id_if_assigned() IS NULL
    THEN
        PERFORM pg_logical_emit_message(TRUE, 'position-manager', '');
    END IF;
END
$$;

COMMENT ON FUNCTION pms.await_replication IS
$$Have the commit of this transaction wait until a synchronous standby has what it answers

The last call of a transaction whose answer acknowledges something, a duplicate included: what it
duplicates may itself still wait. Without synchronous replication it changes only the timeout.$$;

GRANT EXECUTE ON FUNCTION pms.await_replication TO pms_worker;

CREATE OR REPLACE FUNCTION pms.end_write()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.await_replication();

    IF session_user = 'pms_authenticator' THEN
        PERFORM set_config(
            'response.headers',
            (
                coalesce(pms.request_setting('response.headers')::jsonb, '[]')
                || jsonb_build_object(
                    'X-LSN',
                    concat_ws(
                        '/', pg_current_wal_insert_lsn(), pg_current_xact_id_if_assigned()
                    )
                )
            )::text,
            TRUE
        );
    END IF;
END
$$;

COMMENT ON FUNCTION pms.end_write IS $$End a command over HTTP or in SQL: see pms.await_replication

Over HTTP the answer has the header X-LSN: the position of the WAL, and the transaction, whose
commit follows there. pms.check_replayed takes it back.$$;
