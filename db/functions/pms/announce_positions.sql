-- Deploy position_manager:functions/pms/announce_positions to pg
-- requires: functions/pms/position_json
-- requires: migrations/outbox
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.announce_positions(
    changed pms.leg_key[],
    trace_ids text[],
    update_source text
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    WITH key AS (
        SELECT k.account, k.asset, k.mode, max(k.trace_id) AS trace_id
        FROM unnest(announce_positions.changed, announce_positions.trace_ids)
            AS k (account, asset, mode, leg, trace_id)
        GROUP BY k.account, k.asset, k.mode
    ),

    position AS MATERIALIZED (
        SELECT p.size, p.account, p.asset, p.mode, k.trace_id, pms.position_json(p) AS fields
        FROM api.positions p
        INNER JOIN key k ON p.account = k.account AND p.asset = k.asset AND p.mode = k.mode
        -- Lets the planner look at the accounts in question only.
        WHERE p.account = ANY(SELECT a.account FROM key a)
    ),

    event AS (
        SELECT
            gen_random_uuid() AS id,
            t.type,
            p.account || '/' || p.asset || '/' || p.mode AS aggregateid,
            p.trace_id,
            p.fields
        FROM position p
        CROSS JOIN LATERAL (
            VALUES ('position_updated', TRUE), ('position_closed', p.size = 0)
        ) t (type, is_due)
        WHERE t.is_due
        ORDER BY p.account, p.asset, p.mode, t.type DESC
    )

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.id, 'position', e.aggregateid, e.type,
        jsonb_build_object(
            'event_type', e.type,
            'event_id', e.id,
            'position_id', e.fields -> 'id',
            'asset', e.fields -> 'asset',
            'mode', e.fields -> 'mode',
            'account', e.fields -> 'account',
            'size', e.fields -> 'size',
            'average_entry_price', e.fields -> 'average_entry_price',
            'avg_price', e.fields -> 'average_entry_price',
            'current_price', e.fields -> 'current_price',
            'unrealized_pnl', e.fields -> 'unrealized_pnl',
            'realized_pnl', e.fields -> 'realized_pnl',
            'unrealized_pnl_pct', e.fields -> 'unrealized_pnl_pct',
            'time_held_minutes', e.fields -> 'time_held_minutes',
            'position_size_norm', e.fields -> 'position_size_norm',
            'version', e.fields -> 'version',
            'update_source', announce_positions.update_source,
            'closed_at', e.fields -> 'closed_at',
            'trace_id', e.trace_id,
            'occurred_at', e.fields -> 'last_updated',
            'timestamp', pms.time_text(clock_timestamp())
        ),
        e.trace_id
    FROM event e;

    IF FOUND THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.announce_positions IS $$Leave one event per changed position in the outbox

position_updated, and position_closed as well when its size is 0. The fields are those of the
position after the whole batch; version says how much happened. trace_ids: one per key.$$;

COMMIT;
