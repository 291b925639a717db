CREATE OR REPLACE FUNCTION pms.record_subsumed_executions(
    events pms.order_event[],
    recorded_at timestamptz
)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.subsumed_executions (
    account, identity, order_id, asset, leg, quantity, price, fee,
    counted_quantity, counted_price, counted_fee, recorded_at, trace_id
)
SELECT
    e.account, e.identity, e.order_id, e.asset, e.leg, e.quantity, e.price, e.fee,
    (e.applied).step_quantity, coalesce((e.applied).step_price, 0), (e.applied).step_fee,
    record_subsumed_executions.recorded_at, e.trace_id
FROM unnest(record_subsumed_executions.events) e
WHERE NOT e.is_cumulative
    AND e.outcome IN ('applied', 'duplicate')
    AND (e.applied).quantity IS NOT NULL
    AND ((e.applied).step_quantity, (e.applied).step_price, (e.applied).step_fee)
    IS DISTINCT FROM (abs(e.quantity), e.price, e.fee)
$$;

COMMENT ON FUNCTION pms.record_subsumed_executions IS
$$Keep the executions that a total had counted before, as they were reported

events: decided.$$;
