-- Deploy position_manager:functions/pms/take_snapshot to pg
-- requires: functions/pms/position_json
-- requires: functions/pms/snapshot_json
-- requires: migrations/outbox

BEGIN;

CREATE OR REPLACE FUNCTION pms.take_snapshot(
    account text,
    asset text,
    mode text,
    trace_id text
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_taken_at timestamptz := clock_timestamp();
    v_event_id uuid := gen_random_uuid();
    taken pms.snapshots;
BEGIN
    -- The order of the key: fills and prices lock legs in the same one.
    PERFORM 1
    FROM pms.positions p
    WHERE p.account = take_snapshot.account
        AND p.asset = take_snapshot.asset
        AND p.mode = take_snapshot.mode
    ORDER BY p.leg
    FOR UPDATE;

    UPDATE pms.positions p
    SET last_snapshot_at = v_taken_at
    WHERE p.account = take_snapshot.account
        AND p.asset = take_snapshot.asset
        AND p.mode = take_snapshot.mode
        AND p.version > 0;

    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    INSERT INTO pms.snapshots (account, position_id, asset, mode, snapshot_data, created_at)
    SELECT p.account, p.id, p.asset, p.mode, pms.position_json(p), v_taken_at
    FROM api.positions p
    WHERE p.account = take_snapshot.account
        AND p.asset = take_snapshot.asset
        AND p.mode = take_snapshot.mode
    RETURNING * INTO STRICT taken;

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    VALUES (
        v_event_id,
        'position',
        taken.account || '/' || taken.asset || '/' || taken.mode,
        'position_snapshot_created',
        taken.snapshot_data || jsonb_build_object(
            'event_type', 'position_snapshot_created',
            'event_id', v_event_id,
            'snapshot_id', taken.id,
            'position_id', taken.position_id,
            'snapshot_data', taken.snapshot_data,
            'snapshot_timestamp', pms.time_text(taken.created_at),
            'created_at', pms.time_text(taken.created_at),
            'trace_id', take_snapshot.trace_id,
            'timestamp', pms.time_text(clock_timestamp())
        ),
        take_snapshot.trace_id
    );
    NOTIFY pms_outbox;

    RETURN pms.snapshot_json(taken);
END
$$;

COMMENT ON FUNCTION pms.take_snapshot IS $$Keep what a position is now; null when there is none

Tells: position_snapshot_created is left in the outbox. Does not change the position's version.$$;

COMMIT;
