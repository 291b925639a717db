-- Deploy position_manager:functions/pms/flat_leg to pg
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.flat_leg(multiplier numeric, kind text)
RETURNS pms.leg_state
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN (multiplier, kind = 'inverse', 0, 0, 0, 0, 0, 0, NULL, NULL)::pms.leg_state;

COMMENT ON FUNCTION pms.flat_leg IS $$A leg before its first entry

multiplier and kind are those of its instrument.$$;

COMMIT;
