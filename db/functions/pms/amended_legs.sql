-- Deploy position_manager:functions/pms/amended_legs to pg
-- requires: migrations/entries
-- requires: migrations/types

BEGIN;

CREATE OR REPLACE FUNCTION pms.amended_legs(events pms.amendment_event[])
RETURNS SETOF pms.leg_key
LANGUAGE sql
STABLE
AS $$
SELECT e.account, e.asset, e.mode, e.leg
FROM unnest(amended_legs.events) a
INNER JOIN pms.entries e ON a.account = e.account AND a.amends = e.identity
WHERE a.outcome IS NULL
$$;

COMMENT ON FUNCTION pms.amended_legs IS
'The legs that busts and corrections are about, where known.';

COMMIT;
