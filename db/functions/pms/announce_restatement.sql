-- Deploy position_manager:functions/pms/announce_restatement to pg
-- requires: functions/pms/decimal_text
-- requires: functions/pms/position_id
-- requires: functions/pms/time_text
-- requires: migrations/outbox
-- requires: migrations/restatements

BEGIN;

CREATE OR REPLACE FUNCTION pms.announce_restatement(stated pms.restatements)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
SELECT
    e.event_id, 'position', stated.account || '/' || stated.asset || '/' || stated.mode,
    'position_restated',
    jsonb_build_object(
        'event_type', 'position_restated',
        'event_id', e.event_id,
        'restatement_id', stated.id,
        'position_id', pms.position_id(stated.account, stated.asset, stated.mode),
        'asset', stated.asset,
        'mode', stated.mode,
        'account', stated.account,
        'leg', stated.leg,
        'cause', stated.cause,
        'earliest_at', pms.time_text(stated.earliest_at),
        'realized_pnl_before', pms.decimal_text(stated.realized_pnl_before),
        'realized_pnl_after', pms.decimal_text(stated.realized_pnl_after),
        'realized_pnl_change',
        pms.decimal_text(stated.realized_pnl_after - stated.realized_pnl_before),
        'trace_id', stated.trace_id,
        'occurred_at', pms.time_text(stated.recorded_at),
        'timestamp', pms.time_text(clock_timestamp())
    ),
    stated.trace_id
FROM (SELECT gen_random_uuid() AS event_id) e;
$$;

COMMENT ON FUNCTION pms.announce_restatement IS $$Leave position_restated in the outbox

The position itself is announced as after every change; this says what became of its past.$$;

COMMIT;
