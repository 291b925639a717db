CREATE OR REPLACE FUNCTION pms.checkpoint_before(
    account text,
    asset text,
    mode text,
    leg text,
    at timestamptz,
    known_at timestamptz
)
RETURNS pms.checkpoints
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.checkpoints;
BEGIN
    SELECT c.*
    INTO held
    FROM pms.checkpoints c
    WHERE (c.account, c.asset, c.mode, c.leg) = (
            checkpoint_before.account, checkpoint_before.asset, checkpoint_before.mode,
            checkpoint_before.leg
        )
        AND c.executed_at < checkpoint_before.at
        AND c.known_from <= checkpoint_before.known_at
        AND (c.known_to > checkpoint_before.known_at OR c.known_to = 'infinity')
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        SELECT pms.empty_leg(pms.first_multiplier(checkpoint_before.asset, i.multiplier), i.kind)
        INTO held.state
        FROM pms.instrument_at(checkpoint_before.asset, checkpoint_before.known_at) i;

        held.executed_at := '-infinity';
        held.entry_id := 0;
        held.ordinal := 0;
    END IF;

    RETURN held;
END
$$;

COMMENT ON FUNCTION pms.checkpoint_before IS
$$The last checkpoint of a leg before a moment, as known at one

Without one, the empty leg: ordinal 0, before all entries.$$;

-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.entries_after(
    account text,
    asset text,
    mode text,
    leg text,
    held pms.checkpoints,
    until timestamptz,
    known_at timestamptz
)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.entries_of_leg(
        entries_after.account, entries_after.asset, entries_after.mode, entries_after.leg
    ) e
WHERE (e.executed_at, e.id) > ((held).executed_at, (held).entry_id)
    AND e.executed_at <= entries_after.until
    AND e.recorded_at <= entries_after.known_at
    AND NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.entry_id = e.id
            AND v.recorded_at <= entries_after.known_at
    )
$$;

COMMENT ON FUNCTION pms.entries_after IS
'The entries of a leg from a checkpoint to a moment that counted, as known at one.';

CREATE OR REPLACE FUNCTION pms.leg_history(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz,
    until timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.leg_moment
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held CONSTANT pms.checkpoints := pms.checkpoint_before(
        account, asset, mode, leg, since, known_at
    );
BEGIN
    RETURN QUERY
    SELECT
        NULL::bigint, nullif(held.executed_at, '-infinity'), held.recorded_at, held.version,
        held.ordinal, held.version, held.recorded_at, held.state;

    RETURN QUERY
    SELECT
        e.id,
        e.executed_at,
        e.recorded_at,
        e.version,
        held.ordinal + row_number() OVER place,
        greatest(held.version, max(e.version) OVER place),
        greatest(held.recorded_at, max(e.recorded_at) OVER place),
        pms.fold(
            held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized, e.executed_at,
            e.closing_price
        ) OVER place
    FROM pms.entries_after(account, asset, mode, leg, held, until, known_at) e
    WINDOW place AS (ORDER BY e.executed_at, e.id ROWS UNBOUNDED PRECEDING);
END
$$;

COMMENT ON FUNCTION pms.leg_history IS $$A leg after each of its entries, in the order of events

From the last checkpoint before since, through the entries of event time up to until, as known at
known_at. The first row is the state it starts from (entry_id null), so there always is a row. Late
entries, explanation and round trips read the past of a leg here; pms.leg_state_at gives its state
at one moment. Raises class 22 when an entry cannot be valued.$$;

CREATE OR REPLACE FUNCTION pms.leg_state_at(
    account text,
    asset text,
    mode text,
    leg text,
    at timestamptz,
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS pms.checkpoints
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    held pms.checkpoints := pms.checkpoint_before(account, asset, mode, leg, at, known_at);
BEGIN
    SELECT
        coalesce(max(e.executed_at), held.executed_at),
        coalesce(
            (array_agg(e.id ORDER BY e.executed_at, e.id))[count(*)], held.entry_id
        ),
        held.ordinal + count(*),
        greatest(held.version, max(e.version)),
        greatest(held.recorded_at, max(e.recorded_at)),
        coalesce(
            pms.fold(
                held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
                e.executed_at, e.closing_price ORDER BY e.executed_at, e.id
            ),
            held.state
        )
    INTO
        held.executed_at, held.entry_id, held.ordinal, held.version, held.recorded_at, held.state
    FROM pms.entries_after(account, asset, mode, leg, held, at, known_at) e;

    RETURN held;
END
$$;

COMMENT ON FUNCTION pms.leg_state_at IS $$A leg as it was at a moment, as known at another

In the form of a checkpoint: entry_id and executed_at are those of its newest entry then, ordinal
counts its entries, version and recorded_at are the highest of them. ordinal 0: it had none. Raises
class 22 when an entry cannot be valued.$$;
