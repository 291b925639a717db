CREATE OR REPLACE FUNCTION pms.action_entry(
    action pms.standing_actions,
    account text,
    mode text,
    leg text,
    recorded_at timestamptz,
    source text,
    trace_id text,
    not_before timestamptz DEFAULT NULL
)
RETURNS pms.ledger_entries
LANGUAGE sql
IMMUTABLE
RETURN pms.new_entry(
    account => action_entry.account,
    asset => (action).asset,
    mode => action_entry.mode,
    leg => action_entry.leg,
    kind => (action).action,
    identity => concat_ws(':', 'action', (action).action_id, action_entry.leg),
    quantity => 0,
    price => coalesce((action).units, (action).price, (action).amount),
    amount => (action).for_units,
    realized => coalesce((action).multiplier, (action).rate),
    executed_at => greatest((action).effective_at, action_entry.not_before),
    recorded_at => action_entry.recorded_at,
    source => action_entry.source,
    trace_id => action_entry.trace_id
);

COMMENT ON FUNCTION pms.action_entry IS $$The entry of a corporate action in a leg of its asset

Its effect depends on the size of the leg at its time: see pms.next_leg. not_before: a later time, for
a leg that begins then.$$;

CREATE OR REPLACE FUNCTION pms.action_terms(
    kind text,
    price numeric,
    amount numeric,
    realized numeric
)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    WHEN pms.has_ratio(kind) AND price IS NOT NULL
        THEN trim_scale(price) || ':' || trim_scale(amount)
            || CASE
                WHEN kind = 'contract' THEN ', multiplier ' || trim_scale(realized)
                WHEN kind = 'rename' AND realized <> 1 THEN ', rate ' || trim_scale(realized)
                ELSE ''
            END
END;

COMMENT ON FUNCTION pms.action_terms IS
$$The terms of an entry of a corporate action, in words, or null

New units to old ones, and what else changed.$$;

GRANT EXECUTE ON FUNCTION pms.action_terms TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION pms.is_entry_of_action(identity text, action_id text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN starts_with(identity, 'action:' || action_id || ':')
AND substr(identity, length('action:' || action_id || ':') + 1) ~ '^(net|long|short)(:[0-9]+)?$';

COMMENT ON FUNCTION pms.is_entry_of_action IS
$$Whether an identity is that of an entry of an action

Behind the id of the action it has the leg; where a rename is received, the number of the entry,
too.$$;

CREATE OR REPLACE FUNCTION pms.missing_action_entries(
    entries pms.ledger_entries[],
    is_new boolean
)
RETURNS pms.ledger_entries[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT pms.action_entry(
        a, t.account, t.mode, t.leg, t.recorded_at, t.source, t.trace_id,
        pms.ledger_closed_until()
    )
    FROM (
        SELECT
            n.account, n.asset, n.mode, n.leg,
            min(n.executed_at) AS earliest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.source) AS source,
            max(n.trace_id) AS trace_id
        FROM unnest(missing_action_entries.entries) n
        GROUP BY n.account, n.asset, n.mode, n.leg
    ) t
    INNER JOIN pms.standing_actions a
        ON t.asset = a.asset
        AND (a.recorded_at >= t.recorded_at) = missing_action_entries.is_new
        -- A leg that began later has the newer multiplier from its first entry on, by an entry too.
        AND (t.earliest_at <= a.effective_at OR a.action = 'contract')
        -- What a leg brings forward from an archived period has those of the period.
        AND NOT (
            coalesce(a.effective_at < pms.ledger_closed_until(), FALSE)
            AND pms.has_archived_entries(
                t.account, t.asset, t.mode, t.leg, pms.ledger_closed_until()
            )
        )
    WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(missing_action_entries.entries) n
            WHERE (n.account, n.identity) = (t.account, 'action:' || a.action_id || ':' || t.leg)
                AND n.asset = t.asset
        )
        AND NOT EXISTS (
            SELECT 1
            FROM pms.find_entry(t.account, 'action:' || a.action_id || ':' || t.leg) e
        )
    ORDER BY t.account, t.mode, t.leg, a.effective_at, a.recorded_at, a.action_id
)
$$;

COMMENT ON FUNCTION pms.missing_action_entries IS
$$Entries of corporate actions that legs need for entries older than those

A leg has an entry for each action of its asset that is not older than its oldest entry: one that
gets its first such entry only now lacks it. is_new: those of actions that are recorded with the
entries, and follow them where the times are equal; the others precede them.$$;

CREATE OR REPLACE FUNCTION pms.rename_targets(
    entries pms.ledger_entries[],
    voids pms.entry_void[]
)
RETURNS text[]
LANGUAGE sql
STABLE
AS $$
WITH touched AS (
    SELECT n.asset FROM unnest(rename_targets.entries) n
    UNION
    SELECT v.asset FROM unnest(rename_targets.voids) v
),

target AS (
    SELECT DISTINCT a.to_asset AS asset
    FROM pms.standing_actions a
    INNER JOIN touched t ON a.asset = t.asset
    WHERE a.action = 'rename'
)

SELECT coalesce(array_agg(g.asset), '{}')
FROM target g
-- Of assets that become each other none is the first.
WHERE EXISTS (
        SELECT 1 FROM touched t WHERE t.asset NOT IN (SELECT x.asset FROM target x)
    )
$$;

COMMENT ON FUNCTION pms.rename_targets IS
$$The assets that others of these entries and voids are renamed to

They are posted after the others, with what the renames bring: each leg is folded once.$$;

CREATE OR REPLACE FUNCTION pms.follow_renames(
    entries pms.ledger_entries[],
    voids pms.entry_void[],
    OUT received pms.ledger_entries[],
    OUT withdrawn pms.entry_void[]
)
LANGUAGE sql
STABLE
AS $$
WITH touched AS (
    SELECT
        n.account, n.asset, n.mode, n.leg,
        min(n.executed_at) AS since,
        max(n.recorded_at) AS recorded_at,
        max(n.source) AS source,
        max(n.trace_id) AS trace_id
    FROM (
        SELECT e.account, e.asset, e.mode, e.leg, e.executed_at, e.recorded_at, e.source, e.trace_id
        FROM unnest(follow_renames.entries) e
        UNION ALL
        SELECT v.account, v.asset, v.mode, v.leg, v.executed_at, v.recorded_at, v.source, v.trace_id
        FROM unnest(follow_renames.voids) v
    ) n
    GROUP BY n.account, n.asset, n.mode, n.leg
),

moved AS (
    SELECT
        t.account, t.mode, t.leg, t.recorded_at, t.source, t.trace_id,
        a.to_asset, a.effective_at,
        'action:' || a.action_id || ':' || t.leg || ':' AS prefix,
        m.quantity, m.cost, m.opened,
        b.entries, b.identity
    FROM touched t
    INNER JOIN pms.standing_actions a
        ON t.asset = a.asset
        AND a.action = 'rename'
        AND t.since <= a.effective_at
    CROSS JOIN LATERAL (
        -- The leg right before the rename; nothing where it has no entry of it.
        SELECT
            coalesce(max(pms.div_round((h.before).size * a.units, a.for_units, 18)), 0),
            max(round((h.before).cost * a.rate, 18)),
            max(extract(EPOCH FROM (h.before).opened_at))
        FROM pms.find_entry(t.account, 'action:' || a.action_id || ':' || t.leg) o
        INNER JOIN (
            SELECT s.entry_id, lag(s.state) OVER (ORDER BY s.ordinal) AS before
            FROM pms.leg_history(
                t.account, t.asset, t.mode, t.leg, a.effective_at, a.effective_at
            ) s
        ) h ON o.id = h.entry_id
    ) m (quantity, cost, opened)
    CROSS JOIN LATERAL (
        SELECT
            count(*) AS entries,
            max(e.identity) FILTER (WHERE v.entry_id IS NULL) AS identity,
            max(e.quantity) FILTER (WHERE v.entry_id IS NULL) AS quantity,
            max(e.amount) FILTER (WHERE v.entry_id IS NULL) AS cost,
            max(e.realized) FILTER (WHERE v.entry_id IS NULL) AS opened
        FROM pms.entries_of_leg(t.account, a.to_asset, t.mode, t.leg) e
        LEFT JOIN pms.voids v ON e.id = v.entry_id
        WHERE e.executed_at = a.effective_at
            AND pms.is_entry_of_action(e.identity, a.action_id)
            AND starts_with(e.identity, 'action:' || a.action_id || ':' || t.leg || ':')
    ) b
    WHERE (coalesce(b.quantity, 0), b.cost, b.opened) IS DISTINCT FROM
        (
            m.quantity,
            CASE WHEN m.quantity <> 0 THEN m.cost END,
            CASE WHEN m.quantity <> 0 THEN m.opened END
        )
)

SELECT
    ARRAY(
        SELECT pms.new_entry(
            account => m.account,
            asset => m.to_asset,
            mode => m.mode,
            leg => m.leg,
            kind => 'rename',
            identity => m.prefix || (m.entries + 1),
            quantity => m.quantity,
            amount => m.cost,
            realized => m.opened,
            amends => CASE WHEN m.entries > 0 THEN m.prefix || 1 END,
            executed_at => m.effective_at,
            recorded_at => m.recorded_at,
            source => m.source,
            trace_id => m.trace_id
        )
        FROM moved m
        WHERE m.quantity <> 0
        ORDER BY m.to_asset, m.account, m.mode, m.leg
    ),
    ARRAY(
        SELECT (
            m.account, m.to_asset, m.mode, m.leg, m.effective_at, m.identity, 'correction',
            m.prefix || (m.entries + 1), m.recorded_at, m.source, m.trace_id
        )::pms.entry_void
        FROM moved m
        WHERE m.identity IS NOT NULL
    )
$$;

COMMENT ON FUNCTION pms.follow_renames IS
$$What entries and voids change in the assets their legs move to

Where the past of a leg changed before it was renamed, other amounts have moved: the entry that
received them is replaced. opened: since when the leg was open, in seconds since 1970. The entries must be stored. received, withdrawn: for pms.post_entries.$$;

CREATE OR REPLACE FUNCTION pms.recorded_later(
    entries pms.ledger_entries[],
    voids pms.entry_void[],
    OUT received pms.ledger_entries[],
    OUT withdrawn pms.entry_void[]
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at CONSTANT timestamptz := (
        SELECT max(p.updated_at) + interval '1 microsecond'
        FROM (
            SELECT pms.base_account(n.account) AS account FROM unnest(entries) n
            UNION
            SELECT pms.base_account(v.account) FROM unnest(voids) v
        ) a
        INNER JOIN pms.books b ON a.account = b.account AND b.book = pms.unassigned_book()
        INNER JOIN pms.positions p ON pms.book_account(b.account, b.book) = p.account
    );
BEGIN
    FOR place IN 1..cardinality(entries)
    LOOP
        entries[place].recorded_at := greatest(entries[place].recorded_at, v_recorded_at);
    END LOOP;
    FOR place IN 1..cardinality(voids)
    LOOP
        voids[place].recorded_at := greatest(voids[place].recorded_at, v_recorded_at);
    END LOOP;
    received := entries;
    withdrawn := voids;
END
$$;

COMMENT ON FUNCTION pms.recorded_later IS
$$Entries and voids, recorded after the shares that the same batch has entered before

What the books of an account lack is recorded later than what they lack it of (pms.shares_due), and
renames lead it to legs that the batch changes afterwards. The time rises for each leg: see
pms.lock_stored_legs.$$;
