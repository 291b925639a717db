CREATE OR REPLACE FUNCTION pms.publish_position_events(
    changed pms.changed_leg[],
    update_source text
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys pms.position_key[];
    v_traces jsonb;
    v_events pms.outbox_event[];
BEGIN
    SELECT
        array_agg((k.account, k.asset, k.mode)::pms.position_key),
        -- Looked up by key: two sets of unknown size would be joined by comparing all with all.
        jsonb_object_agg(pms.position_path(k.account, k.asset, k.mode), k.trace_id)
    INTO v_keys, v_traces
    FROM (
        SELECT c.account, c.asset, c.mode, max(c.trace_id) AS trace_id
        FROM unnest(publish_position_events.changed) c
        -- Events are of accounts.
        WHERE NOT pms.is_book(c.account)
        GROUP BY c.account, c.asset, c.mode
    ) k;

    SELECT array_agg(
        (
            'position', p.aggregateid, t.type, v_traces ->> p.aggregateid,
            jsonb_build_object(
                'position_id', p.id,
                'asset', p.asset,
                'mode', p.mode,
                'account', p.account,
                'size', pms.decimal_text(p.size),
                'average_entry_price', pms.decimal_text(p.average_entry_price),
                'avg_price', pms.decimal_text(p.average_entry_price),
                'current_price', pms.decimal_text(p.current_price),
                'unrealized_pnl', pms.decimal_text(p.unrealized_pnl),
                'realized_pnl', pms.decimal_text(p.realized_pnl),
                'unrealized_pnl_pct', pms.decimal_text(p.unrealized_pnl_pct),
                'time_held_minutes', p.time_held_minutes,
                'position_size_norm', pms.decimal_text(p.position_size_norm),
                'version', p.version,
                'update_source', publish_position_events.update_source,
                'closed_at', pms.time_text(p.closed_at),
                'occurred_at', pms.time_text(p.last_updated)
            )
        )::pms.outbox_event
        ORDER BY p.account, p.asset, p.mode, t.type DESC
    )
    INTO v_events
    FROM (
        SELECT c.*, pms.position_path(c.account, c.asset, c.mode) AS aggregateid
        FROM pms.current_positions_of(v_keys) c
    ) p
    CROSS JOIN LATERAL (
        VALUES ('position_updated', TRUE), ('position_closed', p.size = 0)
    ) t (type, is_due)
    WHERE t.is_due;

    PERFORM pms.publish_events(v_events);
END
$$;

COMMENT ON FUNCTION pms.publish_position_events IS
$$Leave one event per changed position in the outbox

position_updated, and position_closed as well when its size is 0. The fields are those of the
position after the whole batch; version rises by the number of its changes.$$;
