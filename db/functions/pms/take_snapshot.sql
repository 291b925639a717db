-- Deploy position_manager:functions/pms/take_snapshot to pg
-- requires: functions/pms/snapshot_json
-- requires: functions/pms/snapshot_positions

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
    -- Two of the same position are of two moments, also when the clock was set back.
    v_taken_at timestamptz := (
        SELECT greatest(clock_timestamp(), max(l.last_snapshot_at) + INTERVAL '1 microsecond')
        FROM (
            SELECT p.last_snapshot_at
            FROM pms.positions p
            WHERE p.account = take_snapshot.account
                AND p.asset = take_snapshot.asset
                AND p.mode = take_snapshot.mode
            ORDER BY p.leg
            FOR UPDATE
        ) l
    );
BEGIN
    RETURN (
        SELECT pms.snapshot_json(s)
        FROM pms.snapshot_positions(
            ARRAY[
                (take_snapshot.account, take_snapshot.asset, take_snapshot.mode)::pms.position_key
            ],
            v_taken_at,
            take_snapshot.trace_id
        ) s
    );
END
$$;

COMMENT ON FUNCTION pms.take_snapshot IS
'Keep what a position is now, see pms.snapshot_positions; null when there is none.';

COMMIT;
