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
            SELECT (
                f.account, NULL, f.asset, f.mode, f.leg,
                CASE f.kind WHEN 'adoption' THEN 'opening' ELSE 'adjustment' END,
                f.identity, NULL, f.target_size, f.target_price, 0, NULL, NULL, NULL, f.target_cost,
                NULL, NULL, NULL,
                CASE f.kind
                    WHEN 'adoption' THEN 'adoption'
                    WHEN 'size' THEN 'venue_size'
                    ELSE 'venue_average'
                END,
                NULL, f.effective_at, post_adjustments.recorded_at, post_adjustments.source,
                coalesce(post_adjustments.trace_id, f.trace_id)
            )::pms.entries
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
