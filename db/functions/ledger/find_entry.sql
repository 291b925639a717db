-- Each is one statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.find_entry(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.identity_key = pms.identity_key(find_entry.account, find_entry.identity)
    -- Other identities may have the same key. = would let the planner begin at the legs of the
    -- account, which it does as long as it knows nothing of the keys (ADR 0002).
    AND e.account IS NOT DISTINCT FROM find_entry.account
    AND e.identity = find_entry.identity
$$;

COMMENT ON FUNCTION pms.find_entry IS
'The entry that an identity names, voided or not; at most one.';

CREATE OR REPLACE FUNCTION pms.entries_of_identity(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.identity_key = pms.identity_key(entries_of_identity.account, entries_of_identity.identity)
    -- As in pms.find_entry.
    AND e.account IS NOT DISTINCT FROM entries_of_identity.account
    AND pms.bare_identity(e.identity) = entries_of_identity.identity
$$;

COMMENT ON FUNCTION pms.entries_of_identity IS
'The entries of all fills that share a bare identity, see pms.qualified_identity.';

CREATE OR REPLACE FUNCTION pms.entries_of_leg(account text, asset text, mode text, leg text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.leg_id = (
    SELECT l.leg_id
    FROM pms.legs l
    WHERE (l.account, l.asset, l.mode, l.leg) = (
        entries_of_leg.account, entries_of_leg.asset, entries_of_leg.mode, entries_of_leg.leg
    )
)
$$;

COMMENT ON FUNCTION pms.entries_of_leg IS
$$The entries of a leg, voided ones too

An index has them by executed_at; entries of one instant are sorted by id when they are read.$$;

CREATE OR REPLACE FUNCTION pms.entries_of_order(account text, order_id text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.ledger_entries e
WHERE e.order_key = pms.order_key(entries_of_order.account, entries_of_order.order_id)
    -- Other orders may have the same key. As in pms.find_entry.
    AND e.account IS NOT DISTINCT FROM entries_of_order.account
    AND e.order_id = entries_of_order.order_id
$$;

COMMENT ON FUNCTION pms.entries_of_order IS
$$The entries of an order, voided ones too

Its totals (scheme o) and its other entries have an index each: a condition on scheme reads one.$$;
