CREATE OR REPLACE FUNCTION pms.check_replayed(min_lsn text, trace_id text)
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    c_expected CONSTANT text := 'must be the X-LSN of an earlier response';
    c_message CONSTANT text := 'X-Min-LSN: ' || c_expected;
    -- 19 digits fit into a transaction id.
    v_parts text[] := regexp_match(
        min_lsn, '^([0-9A-Fa-f]{1,8}/[0-9A-Fa-f]{1,8})(?:/([0-9]{1,19}))?$'
    );
    v_lsn pg_lsn := v_parts[1]::pg_lsn;
    v_transaction xid8 := v_parts[2]::xid8;
BEGIN
    IF v_parts IS NULL THEN
        PERFORM pms.raise_denied(
            400, 'VALIDATION_ERROR', c_message,
            jsonb_build_object(
                'X-Refusal',
                pms.error_envelope(
                    'VALIDATION_ERROR', c_message, check_replayed.trace_id,
                    jsonb_build_object('X-Min-LSN', c_expected)
                )::text
            )
        );
    END IF;

    -- Where it is asked for its status, the transaction must have begun.
    IF pg_is_in_recovery()
        AND (
            v_lsn > pg_last_wal_replay_lsn()
            OR v_transaction >= pg_snapshot_xmax(pg_current_snapshot())
            OR pg_xact_status(v_transaction) = 'in progress'
        )
    THEN
        PERFORM pms.raise_denied(503, 'UNAVAILABLE', 'this standby has not replayed X-Min-LSN yet');
    END IF;
END
$$;

COMMENT ON FUNCTION pms.check_replayed IS $$Refuse a request that a standby is too far behind for

min_lsn: the header X-Min-LSN, an LSN, or the X-LSN of pms.add_position_header. Refuses with:
- 400 when the header is malformed
- 503 on a standby that has not replayed it: the gateway then asks the primary$$;

-- pms.check_request calls it as the role that PostgREST begins with.
GRANT EXECUTE ON FUNCTION pms.check_replayed TO pms_anon;
