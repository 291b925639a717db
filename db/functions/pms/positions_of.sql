-- Deploy position_manager:functions/pms/positions_of to pg
-- requires: functions/pms/valued_positions
-- requires: migrations/settings
-- requires: views/api/positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.positions_of(legs pms.priced_leg[], at timestamptz)
RETURNS SETOF api.positions
LANGUAGE sql
STABLE
AS $$
SELECT v.*
FROM pms.settings c
CROSS JOIN LATERAL pms.valued_positions(
    positions_of.legs, positions_of.at, c.price_staleness_threshold
) v
$$;

COMMENT ON FUNCTION pms.positions_of IS $$The positions that legs make at a moment, as published

legs: all of an account, or a position's share of the exposure is not that of its account.$$;

COMMIT;
