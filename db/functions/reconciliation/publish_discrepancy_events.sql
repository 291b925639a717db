CREATE OR REPLACE FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    WITH asked AS (
        UPDATE pms.discrepancies d
        SET announced_at = d.last_seen_at
        FROM unnest(publish_discrepancy_events.seen) s
        WHERE d.account = s.account
            AND d.id = s.id
            AND d.status = 'open'
            AND NOT d.is_fixable
            AND d.announced_at IS NULL
        RETURNING d.*
    )

    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.event_id, 'position', a.account || '/' || a.asset || '/' || a.mode, 'discrepancy_opened',
        jsonb_build_object(
            'event_type', 'discrepancy_opened',
            'event_id', e.event_id,
            'discrepancy_id', a.id,
            'position_id', pms.position_id(a.account, a.asset, a.mode),
            'asset', a.asset,
            'mode', a.mode,
            'account', a.account,
            'leg', a.leg,
            'kind', a.kind,
            'field', a.field,
            'ours', a.ours,
            'theirs', a.theirs,
            'threshold', pms.decimal_text(a.threshold),
            'proposal', a.proposal,
            'trace_id', a.trace_id,
            'occurred_at', pms.time_text(a.opened_at),
            'timestamp', pms.time_text(clock_timestamp())
        ),
        a.trace_id
    FROM asked a
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS event_id WHERE a.id IS NOT NULL) e;

    IF FOUND THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.publish_discrepancy_events IS
$$Leave discrepancy_opened in the outbox for what a person must decide

Once for each opening: of what was seen, what is open and the rules do not put right.$$;
