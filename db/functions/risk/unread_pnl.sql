CREATE OR REPLACE FUNCTION pms.restated_since(leg pms.positions, after timestamptz)
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT min(r.earliest_at)
FROM pms.restatements r
WHERE (r.account, r.asset, r.mode, r.leg) = (
        (restated_since.leg).account, (restated_since.leg).asset, (restated_since.leg).mode,
        (restated_since.leg).leg
    )
    AND r.recorded_at > restated_since.after
$$;

COMMENT ON FUNCTION pms.restated_since IS
'The event time from which a leg was restated after a moment; null: it was not.';

-- One statement, so that it is inlined.
CREATE OR REPLACE FUNCTION pms.archived_pnl(leg pms.positions)
RETURNS SETOF pms.leg_pnl
LANGUAGE sql
STABLE
AS $$
SELECT c.*
FROM pms.legs l
INNER JOIN pms.leg_pnl c
    ON l.leg_id = c.leg_id AND c.quarter_hour < pms.ledger_begins_at()
WHERE (l.asset, l.mode, l.leg)
    = ((archived_pnl.leg).asset, (archived_pnl.leg).mode, (archived_pnl.leg).leg)
    AND l.account = CASE
        WHEN EXISTS (
            SELECT 1 FROM pms.leg_pnl_marks m WHERE m.leg_id = (archived_pnl.leg).leg_id
        )
            THEN (archived_pnl.leg).account
        WHEN pms.has_archived_entries(
            (archived_pnl.leg).account, (archived_pnl.leg).asset, (archived_pnl.leg).mode,
            (archived_pnl.leg).leg, pms.ledger_begins_at()
        )
            THEN pms.base_account((archived_pnl.leg).account)
    END
$$;

COMMENT ON FUNCTION pms.archived_pnl IS
$$The stored changes of archived entries of a leg

Of a leg of a book that has none yet, and began with what its account brought forward, those of the
account: the unassigned book of an account that was divided later.$$;

CREATE OR REPLACE FUNCTION pms.unread_pnl(leg pms.positions, at_most bigint DEFAULT NULL)
RETURNS pms.pnl_update
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    last_read pms.leg_pnl_marks;
    held pms.checkpoints;
    unread pms.pnl_update;
    v_restated_since timestamptz;
    -- The stored changes from here on are replaced.
    v_since timestamptz;
BEGIN
    SELECT m.* INTO last_read FROM pms.leg_pnl_marks m WHERE m.leg_id = leg.leg_id;

    v_restated_since := pms.restated_since(leg, last_read.entered_at);

    IF last_read.leg_id IS NULL OR v_restated_since <= last_read.executed_at THEN
        -- Of archived entries the changes stay as they are.
        v_since := greatest(
            coalesce(pms.quarter_hour(v_restated_since), '-infinity'), pms.ledger_begins_at()
        );
        held := pms.checkpoint_before(
            leg.account, leg.asset, leg.mode, leg.leg, v_since, 'infinity'
        );
    ELSE
        held.executed_at := last_read.executed_at;
        held.entry_id := last_read.entry_id;
        held.ordinal := last_read.ordinal;
        held.state := last_read.state;
    END IF;

    -- Read several times (ADR 0002).
    WITH moment AS MATERIALIZED (
        SELECT
            e.executed_at, e.id, row_number() OVER place AS ordinal,
            pms.fold(
                held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
                e.executed_at, e.closing_price
            ) OVER place AS state
        FROM pms.standing_entries e
        WHERE e.leg_id = leg.leg_id AND e.executed_at >= held.executed_at
            AND (e.executed_at, e.id) > (held.executed_at, held.entry_id)
        WINDOW place AS (ORDER BY e.executed_at, e.id ROWS UNBOUNDED PRECEDING)
        ORDER BY e.executed_at, e.id
        LIMIT at_most
    ),

    step AS (
        SELECT
            m.executed_at, m.state,
            lag(m.state, 1, held.state) OVER (ORDER BY m.executed_at, m.id) AS before
        FROM moment m
    ),

    change AS (
        SELECT
            pms.quarter_hour(s.executed_at) AS quarter_hour,
            (s.state).size - (s.before).size AS size,
            (s.state).cost - (s.before).cost AS cost,
            (s.state).realized - (s.before).realized AS realized,
            (s.state).fees_open - (s.before).fees_open AS fees_open,
            (s.state).fees_close - (s.before).fees_close AS fees_close,
            (s.state).funding - (s.before).funding AS funding
        FROM step s
        WHERE s.executed_at >= coalesce(v_since, '-infinity')
        UNION ALL
        SELECT
            c.quarter_hour, -c.size, -c.cost, -c.realized, -c.fees_open, -c.fees_close, -c.funding
        FROM pms.leg_pnl c
        WHERE c.leg_id = leg.leg_id
            AND c.quarter_hour >= v_since
        UNION ALL
        SELECT
            c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close, c.funding
        FROM pms.archived_pnl(leg) c
        WHERE last_read.leg_id IS NULL
    ),

    summed AS (
        SELECT
            (
                leg.leg_id, leg.asset, c.quarter_hour, sum(c.size), sum(c.cost), sum(c.realized),
                sum(c.fees_open), sum(c.fees_close), sum(c.funding)
            )::pms.pnl_change AS change
        FROM change c
        GROUP BY c.quarter_hour
    )

    SELECT
        leg.leg_id, leg.asset, leg.entered_at,
        coalesce(n.executed_at, held.executed_at),
        coalesce(n.id, held.entry_id),
        k.entries + held.ordinal,
        coalesce(n.state, held.state),
        k.entries,
        ARRAY(SELECT s.change FROM summed s)
    INTO
        unread.leg_id, unread.asset, unread.entered_at, unread.executed_at, unread.entry_id,
        unread.ordinal, unread.state, unread.folded, unread.changes
    FROM (SELECT count(*) AS entries FROM moment m) k
    LEFT JOIN moment n ON n.ordinal = k.entries;

    RETURN unread;
END
$$;

COMMENT ON FUNCTION pms.unread_pnl IS
$$What the entries of a leg changed that are not in its stored changes

Folds on from where they end, at most at_most entries. Where a restatement changed what is stored,
from the checkpoint before it: the changes are then those that bring the stored ones to what is
known now.$$;
