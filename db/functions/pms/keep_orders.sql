-- Deploy position_manager:functions/pms/keep_orders to pg
-- requires: migrations/orders
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_orders(events pms.order_event[], recorded_at timestamptz)
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.covered_fills (
    account, identity, order_id, asset, leg, quantity, price, fee, recorded_at, trace_id
)
SELECT
    e.account, e.identity, e.order_id, e.asset, e.leg, e.quantity, e.price, e.fee,
    keep_orders.recorded_at, e.trace_id
FROM unnest(keep_orders.events) e
WHERE NOT e.is_cumulative
    AND e.outcome IN ('applied', 'duplicate')
    AND (e.applied).step_quantity <> abs(e.quantity);

INSERT INTO pms.orders AS o (account, order_id, applied)
SELECT DISTINCT ON (e.account, e.order_id) e.account, e.order_id, e.applied
FROM unnest(keep_orders.events) e
WHERE (e.applied).quantity IS NOT NULL
ORDER BY e.account, e.order_id, e.ordinal DESC
ON CONFLICT ON CONSTRAINT orders_pkey DO UPDATE
SET applied = excluded.applied;
$$;

COMMENT ON FUNCTION pms.keep_orders IS $$Keep what the orders that send totals have applied

events: decided. Executions that a total had counted before are kept as they were reported.$$;

COMMIT;
