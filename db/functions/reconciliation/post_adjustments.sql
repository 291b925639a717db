CREATE OR REPLACE FUNCTION pms.post_adjustments(
    findings pms.finding[],
    recorded_at timestamptz,
    source text,
    update_source text,
    trace_id text
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_changed pms.changed_leg[];
BEGIN
    IF cardinality(findings) = 0 THEN
        RETURN;
    END IF;

    v_changed := pms.post_entries(
        ARRAY(
            SELECT pms.new_entry(
                account => f.account,
                asset => f.asset,
                mode => f.mode,
                leg => f.leg,
                kind => CASE f.kind WHEN 'adoption' THEN 'opening' ELSE 'adjustment' END,
                cause => CASE f.kind
                    WHEN 'adoption' THEN 'adoption'
                    WHEN 'size' THEN 'venue_size'
                    ELSE 'venue_average'
                END,
                identity => f.identity,
                quantity => f.target_size,
                price => f.target_price,
                amount => f.target_cost,
                executed_at => f.effective_at,
                recorded_at => post_adjustments.recorded_at,
                source => post_adjustments.source,
                trace_id => coalesce(post_adjustments.trace_id, f.trace_id)
            )
            FROM unnest(post_adjustments.findings) f
            ORDER BY f.asset, f.account, f.mode, f.leg
        )
    );

    -- Not finished: the caller records what the venue disagrees with after the adjustment.
    PERFORM pms.publish_position_events(v_changed, post_adjustments.update_source);
END
$$;

COMMENT ON FUNCTION pms.post_adjustments IS
$$Enter what the venue says into the ledger, a statement for each

An opening for what we knew nothing of, else an adjustment. The legs must be locked; recorded_at is
what locking them returned.$$;
