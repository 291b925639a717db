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

    v_restated_since := (
        SELECT min(r.earliest_at)
        FROM pms.restatements r
        WHERE (r.account, r.asset, r.mode, r.leg) = (leg.account, leg.asset, leg.mode, leg.leg)
            AND r.recorded_at > last_read.entered_at
    );

    IF last_read.leg_id IS NULL OR v_restated_since <= last_read.executed_at THEN
        v_since := coalesce(pms.quarter_hour(v_restated_since), '-infinity');
        held := pms.checkpoint_before(
            leg.account, leg.asset, leg.mode, leg.leg, v_since, 'infinity'
        );
    ELSE
        held.executed_at := last_read.executed_at;
        held.entry_id := last_read.entry_id;
        held.ordinal := last_read.ordinal;
        held.state := last_read.state;
    END IF;

    unread.leg_id := leg.leg_id;
    unread.asset := leg.asset;
    unread.entered_at := leg.entered_at;

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
        coalesce(n.executed_at, held.executed_at),
        coalesce(n.id, held.entry_id),
        k.entries + held.ordinal,
        coalesce(n.state, held.state),
        k.entries,
        ARRAY(SELECT s.change FROM summed s)
    INTO
        unread.executed_at, unread.entry_id, unread.ordinal, unread.state, unread.folded,
        unread.changes
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
