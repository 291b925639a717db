-- Deploy position_manager:functions/pms/has_evidence to pg
-- requires: migrations/positions
-- requires: migrations/entries
-- requires: migrations/venue_positions

BEGIN;

CREATE OR REPLACE FUNCTION pms.has_evidence(account text, asset text, mode text)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.positions p
    WHERE p.version > 0
        AND (p.account, p.asset, p.mode)
            = (has_evidence.account, has_evidence.asset, has_evidence.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.entries e
    WHERE (e.account, e.asset, e.mode)
        = (has_evidence.account, has_evidence.asset, has_evidence.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.venue_positions v
    WHERE (v.account, v.asset, v.mode)
        = (has_evidence.account, has_evidence.asset, has_evidence.mode)
)
$$;

COMMENT ON FUNCTION pms.has_evidence IS $$Whether anything speaks for a position

Its row, an entry in the ledger, or a report of the venue.$$;

COMMIT;
