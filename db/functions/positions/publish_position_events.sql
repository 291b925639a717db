CREATE OR REPLACE FUNCTION pms.publish_position_events(
    changed pms.changed_leg[],
    update_source text
)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    WITH key AS (
        SELECT k.account, k.asset, k.mode, max(k.trace_id) AS trace_id
        FROM unnest(publish_position_events.changed) k
        GROUP BY k.account, k.asset, k.mode
    ),

    position AS MATERIALIZED (
        SELECT
            p.id, p.account, p.asset, p.mode, p.size, p.average_entry_price, p.current_price,
            p.unrealized_pnl, p.realized_pnl, p.unrealized_pnl_pct, p.time_held_minutes,
            p.position_size_norm, p.version, p.closed_at, p.last_updated, k.trace_id
        FROM api.positions p
        INNER JOIN key k ON p.account = k.account AND p.asset = k.asset AND p.mode = k.mode
        -- An array, for a join is not carried into the view: the other accounts are never read.
        WHERE p.account = ANY(ARRAY(SELECT a.account FROM key a))
    ),

    event AS (
        SELECT gen_random_uuid() AS event_id, t.type, p.*
        FROM position p
        CROSS JOIN LATERAL (
            VALUES ('position_updated', TRUE), ('position_closed', p.size = 0)
        ) t (type, is_due)
        WHERE t.is_due
        ORDER BY p.account, p.asset, p.mode, t.type DESC
    )

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.event_id, 'position', e.account || '/' || e.asset || '/' || e.mode, e.type,
        jsonb_build_object(
            'event_type', e.type,
            'event_id', e.event_id,
            'position_id', e.id,
            'asset', e.asset,
            'mode', e.mode,
            'account', e.account,
            'size', pms.decimal_text(e.size),
            'average_entry_price', pms.decimal_text(e.average_entry_price),
            'avg_price', pms.decimal_text(e.average_entry_price),
            'current_price', pms.decimal_text(e.current_price),
            'unrealized_pnl', pms.decimal_text(e.unrealized_pnl),
            'realized_pnl', pms.decimal_text(e.realized_pnl),
            'unrealized_pnl_pct', pms.decimal_text(e.unrealized_pnl_pct),
            'time_held_minutes', e.time_held_minutes,
            'position_size_norm', pms.decimal_text(e.position_size_norm),
            'version', e.version,
            'update_source', publish_position_events.update_source,
            'closed_at', pms.time_text(e.closed_at),
            'trace_id', e.trace_id,
            'occurred_at', pms.time_text(e.last_updated),
            'timestamp', pms.time_text(clock_timestamp())
        ),
        e.trace_id
    FROM event e;

    IF FOUND THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.publish_position_events IS
$$Leave one event per changed position in the outbox

position_updated, and position_closed as well when its size is 0. The fields are those of the
position after the whole batch; version says how much happened.$$;
