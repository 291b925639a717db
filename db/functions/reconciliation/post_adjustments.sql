CREATE OR REPLACE FUNCTION pms.post_adjustments(
    findings pms.finding[],
    recorded_at timestamptz,
    source text,
    trace_id text
)
RETURNS pms.changed_leg[]
LANGUAGE plpgsql
AS $$
BEGIN
    IF cardinality(findings) = 0 THEN
        RETURN ARRAY[]::pms.changed_leg[];
    END IF;

    RETURN pms.post_entries(
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
END
$$;

COMMENT ON FUNCTION pms.post_adjustments IS
$$Post one absolute entry for each finding; return the legs that changed

An opening for a position that only the venue knows, else an adjustment. The legs must be locked;
recorded_at is the value that locking them returned. The caller records the discrepancies and
publishes the positions.$$;
