CREATE OR REPLACE FUNCTION pms.adjustment_entries(
    findings pms.finding[],
    recorded_at timestamptz,
    source text,
    trace_id text DEFAULT NULL
)
RETURNS pms.ledger_entries[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
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
        recorded_at => adjustment_entries.recorded_at,
        source => adjustment_entries.source,
        trace_id => coalesce(adjustment_entries.trace_id, f.trace_id),
        closing_price => f.closing_price,
        closing_source => f.closing_source
    )
    FROM unnest(adjustment_entries.findings) f
    ORDER BY f.asset, f.account, f.mode, f.leg
)
$$;

COMMENT ON FUNCTION pms.adjustment_entries IS $$The absolute entry that settles each finding

An opening for a position that only the venue knows, else an adjustment; for pms.post_entries.
recorded_at is the value that locking the legs returned.$$;
