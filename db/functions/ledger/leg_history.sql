CREATE OR REPLACE FUNCTION pms.raise_archived(subject text)
RETURNS void
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_message CONSTANT text := format(
        '%s: the ledger before %s is archived', subject,
        to_char(pms.ledger_begins_at() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    );
BEGIN
    PERFORM pms.raise_denied(
        409, 'CONFLICT', v_message,
        -- The gateway passes it on.
        jsonb_build_object(
            'X-Refusal',
            pms.error_envelope(
                'CONFLICT', v_message,
                nullif(current_setting('request.headers', TRUE), '')::jsonb ->> 'x-trace-id',
                NULL
            )::text
        )
    );
END
$$;

COMMENT ON FUNCTION pms.raise_archived IS $$Refuse what needs entries that are archived

subject: that for which they are needed. Refuses with:
- 409 and the moment at which the ledger begins$$;

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
    v_begins_at CONSTANT timestamptz := pms.ledger_begins_at();
    held pms.checkpoints;
BEGIN
    SELECT c.*
    INTO held
    FROM pms.checkpoints c
    WHERE (c.account, c.asset, c.mode, c.leg) = (
            checkpoint_before.account, checkpoint_before.asset, checkpoint_before.mode,
            checkpoint_before.leg
        )
        AND c.executed_at < greatest(checkpoint_before.at, v_begins_at)
        AND c.known_from <= checkpoint_before.known_at
        AND (c.known_to > checkpoint_before.known_at OR c.known_to = 'infinity')
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        IF v_begins_at > '-infinity' AND EXISTS (
            SELECT 1
            FROM pms.checkpoints c
            WHERE (c.account, c.asset, c.mode, c.leg) = (
                    checkpoint_before.account, checkpoint_before.asset, checkpoint_before.mode,
                    checkpoint_before.leg
                )
                AND c.executed_at < v_begins_at
        ) THEN
            PERFORM pms.raise_archived('known_at');
        END IF;

        SELECT pms.empty_leg(i.multiplier, i.kind)
        INTO held.state
        FROM pms.instrument_at(checkpoint_before.asset, checkpoint_before.known_at) i;

        held.executed_at := '-infinity';
        held.entry_id := 0;
        held.ordinal := 0;
    ELSIF v_begins_at > '-infinity' AND known_at < 'infinity' AND EXISTS (
        -- Of a later archive, in which more became known afterwards.
        SELECT 1
        FROM pms.checkpoints c
        WHERE (c.account, c.asset, c.mode, c.leg) = (
                checkpoint_before.account, checkpoint_before.asset, checkpoint_before.mode,
                checkpoint_before.leg
            )
            AND (c.executed_at, c.entry_id) > (held.executed_at, held.entry_id)
            AND c.executed_at < v_begins_at
    ) THEN
        PERFORM pms.raise_archived('known_at');
    END IF;

    RETURN held;
END
$$;

COMMENT ON FUNCTION pms.checkpoint_before IS
$$The last checkpoint of a leg before a moment, as known at one

Without one, the empty leg: ordinal 0, before all entries. Of a leg with archived entries that which
it brought forward, even if it is later. Refuses with:
- 409 when what was known then is archived$$;

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
    -- Again, for the partitions: a comparison of rows excludes none.
    AND e.executed_at >= (held).executed_at
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
    IF held.executed_at > at THEN
        PERFORM pms.raise_archived(pms.time_text(at));
    END IF;

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
class 22 when an entry cannot be valued. Refuses with:
- 409 when the leg had changed by then in a period that is archived$$;

CREATE OR REPLACE FUNCTION pms.quantity_closed_by(adjustment pms.ledger_entries)
RETURNS numeric
LANGUAGE sql
STABLE
AS $$
SELECT pms.closing_quantity(h.held, (quantity_closed_by.adjustment).quantity)
FROM (
    SELECT l.entry_id, lag((l.state).size) OVER (ORDER BY l.ordinal) AS held
    FROM pms.leg_history(
        (quantity_closed_by.adjustment).account, (quantity_closed_by.adjustment).asset,
        (quantity_closed_by.adjustment).mode, (quantity_closed_by.adjustment).leg,
        (quantity_closed_by.adjustment).executed_at, (quantity_closed_by.adjustment).executed_at
    ) l
) h
WHERE h.entry_id = (quantity_closed_by.adjustment).id
$$;

COMMENT ON FUNCTION pms.quantity_closed_by IS $$What a recorded adjustment closes of its leg now

What no fill before it explains. Signed as pms.closing_quantity.$$;

CREATE OR REPLACE FUNCTION pms.legs_from_ledger(account text, asset text, mode text)
RETURNS SETOF pms.folded_leg
LANGUAGE sql
STABLE
AS $$
SELECT
    k.leg, held.ordinal + n.entries, coalesce(n.latest_at, held.executed_at),
    (n.state).size, (n.state).cost, (n.state).realized, (n.state).fees_open,
    (n.state).fees_close, (n.state).funding, (n.state).opened_at, (n.state).closed_at
FROM pms.position_legs(legs_from_ledger.mode) k
CROSS JOIN LATERAL pms.checkpoint_before(
    legs_from_ledger.account, legs_from_ledger.asset, legs_from_ledger.mode, k.leg,
    '-infinity', 'infinity'
) held
CROSS JOIN LATERAL (
    SELECT
        count(*) AS entries,
        max(e.executed_at) AS latest_at,
        coalesce(
            pms.fold(
                held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
                e.executed_at, e.closing_price ORDER BY e.executed_at, e.id
            ),
            held.state
        ) AS state
    FROM pms.entries_after(
            legs_from_ledger.account, legs_from_ledger.asset, legs_from_ledger.mode, k.leg, held,
            'infinity', 'infinity'
        ) e
    -- Folds once, not for each column of the state (ADR 0002).
    OFFSET 0
) n
WHERE held.ordinal + n.entries > 0
$$;

COMMENT ON FUNCTION pms.legs_from_ledger IS $$The legs of a position according to their ledger

Folds every entry from the first, or from what archived ones brought forward: to check stored rows,
not to answer requests. Raises class 22 when an entry cannot be valued (an inverse contract at
price 0).$$;

-- Folding this many entries takes about as long as finding them.
CREATE OR REPLACE FUNCTION pms.checkpoint_spacing()
RETURNS integer
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN 256;

COMMENT ON FUNCTION pms.checkpoint_spacing IS
'After how many entries of a leg its fold is kept, give or take a batch.';

CREATE OR REPLACE FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer)
RETURNS bigint
LANGUAGE sql
AS $$
WITH saved AS (
    INSERT INTO pms.checkpoints (
        account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
        recorded_at, state
    )
    SELECT
        p.account, p.asset, p.mode, p.leg, p.last_executed_at,
        coalesce(n.entry_id, held.entry_id), p.updated_at, p.entries,
        greatest(held.version, n.version), greatest(held.recorded_at, n.recorded_at),
        (
            i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
            p.fees_close, p.funding, p.opened_at, p.closed_at
        )::pms.leg_state
    FROM unnest(save_checkpoints.legs) k
    INNER JOIN pms.positions p USING (account, asset, mode, leg)
    INNER JOIN pms.instruments i ON p.asset = i.asset
    CROSS JOIN LATERAL pms.checkpoint_before(
        p.account, p.asset, p.mode, p.leg, 'infinity', 'infinity'
    ) held
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS entries,
            max(e.id) FILTER (WHERE e.executed_at = p.last_executed_at) AS entry_id,
            max(e.version) AS version,
            max(e.recorded_at) AS recorded_at
        FROM pms.entries_after(
                p.account, p.asset, p.mode, p.leg, held, 'infinity', 'infinity'
            ) e
    ) n
    WHERE p.entries - p.checkpointed >= save_checkpoints.spacing
        -- A row that differs from its ledger is corrected by reconciliation.
        AND held.ordinal + n.entries = p.entries
    RETURNING account, asset, mode, leg, ordinal
),

counted AS (
    UPDATE pms.positions p
    SET checkpointed = s.ordinal
    FROM saved s
    WHERE (p.account, p.asset, p.mode, p.leg) = (s.account, s.asset, s.mode, s.leg)
    RETURNING 1
)

SELECT count(*) FROM counted
$$;

COMMENT ON FUNCTION pms.save_checkpoints IS
$$Save the present state of legs, which is that of their rows, as checkpoints; return how many

Of those with at least spacing entries since their last checkpoint. The legs must be locked. Version
and time are those of the newest entry: a price may have changed the row since.$$;
