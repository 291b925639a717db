-- Deploy position_manager:functions/pms/fold to pg
-- requires: functions/pms/next_leg
-- The linter does not know aggregates.
-- noqa: disable=LT01

BEGIN;

CREATE OR REPLACE AGGREGATE pms.fold(
    seed pms.leg_state,
    kind text,
    quantity numeric,
    price numeric,
    fee numeric,
    amount numeric,
    realized numeric,
    executed_at timestamptz
) (
    sfunc = pms.next_leg,
    stype = pms.leg_state
);

COMMENT ON AGGREGATE pms.fold(
    pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamptz
) IS $$A position is the fold of its entries

Its first row must be a seed (kind null, see pms.seed_leg); order by executed_at NULLS FIRST, id.
Over a window it gives the state after each entry.$$;

COMMIT;
