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
END
$$;

COMMENT ON FUNCTION pms.post_adjustments IS
$$Post one absolute entry for each finding; return the legs that changed

An opening for a position that only the venue knows, else an adjustment. The legs must be locked;
recorded_at is the value that locking them returned. The caller records the discrepancies and
publishes the positions.$$;
