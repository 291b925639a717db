CREATE OR REPLACE FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_events pms.outbox_event[];
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

    SELECT array_agg((
        'position', pms.position_path(pms.base_account(a.account), a.asset, a.mode),
        'discrepancy_opened', a.trace_id,
        jsonb_build_object(
            'discrepancy_id', a.id,
            'position_id', pms.position_id(a.account, a.asset, a.mode),
            'asset', a.asset,
            'mode', a.mode,
            'leg', a.leg,
            'kind', a.kind,
            'field', a.field,
            'ours', a.ours,
            'theirs', a.theirs,
            'threshold', pms.decimal_text(a.threshold),
            'proposal', a.proposal,
            'occurred_at', pms.time_text(a.opened_at)
        ) || pms.account_members(a.account)
    )::pms.outbox_event)
    INTO v_events
    FROM asked a;

    PERFORM pms.publish_events(v_events);
END
$$;

COMMENT ON FUNCTION pms.publish_discrepancy_events IS
$$Publish discrepancy_opened for discrepancies that a person must decide

Once for each opening: of those seen, the open ones that the rules do not fix.$$;
