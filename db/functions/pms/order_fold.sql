-- Deploy position_manager:functions/pms/order_fold to pg
-- requires: functions/pms/next_applied
-- The linter does not know aggregates.
-- noqa: disable=LT01

BEGIN;

CREATE OR REPLACE AGGREGATE pms.order_fold(
    initial pms.order_applied,
    is_cumulative boolean,
    party text,
    quantity numeric,
    price numeric,
    fee numeric,
    allows_negative_price boolean
) (
    sfunc = pms.next_applied,
    stype = pms.order_applied
);

COMMENT ON AGGREGATE pms.order_fold(
    pms.order_applied, boolean, text, numeric, numeric, numeric, boolean
) IS 'What an order has applied, event by event, in the order of arrival.';

COMMIT;
