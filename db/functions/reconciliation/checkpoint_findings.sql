CREATE OR REPLACE FUNCTION pms.checkpoint_findings(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz DEFAULT '-infinity',
    until timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.finding
LANGUAGE sql
STABLE
AS $$
WITH kept AS (
    SELECT c.*
    FROM pms.checkpoints c
    WHERE c.account = checkpoint_findings.account
        AND c.asset = checkpoint_findings.asset
        AND c.mode = checkpoint_findings.mode
        AND c.leg = checkpoint_findings.leg
        AND c.executed_at BETWEEN checkpoint_findings.since AND checkpoint_findings.until
        -- What archived entries brought forward is what the fold begins with.
        AND c.executed_at >= pms.ledger_begins_at()
        AND c.known_to = 'infinity'
)

SELECT n.*
FROM kept k
LEFT JOIN (
    SELECT l.leg, h.*
    FROM (SELECT DISTINCT n.leg FROM kept n) l
    CROSS JOIN LATERAL pms.leg_history(
        checkpoint_findings.account, checkpoint_findings.asset, checkpoint_findings.mode, l.leg,
        checkpoint_findings.since, checkpoint_findings.until
    ) h
    -- IS TRUE keeps IN a hashed sub-plan: the join is no longer than the list of checkpoints
    -- (ADR 0002).
    WHERE (h.ordinal IN (SELECT n.ordinal FROM kept n)) IS TRUE
) h
    ON k.leg = h.leg
        AND k.ordinal = h.ordinal
        AND (h.executed_at, h.entry_id) <= (k.executed_at, k.entry_id)
        -- The place of a checkpoint may be that of an entry which is voided: only the next one
        -- that counts lies behind it. Asked for in order, it is found by index.
        AND NOT coalesce(
            (
                SELECT (n.executed_at, n.id) <= (k.executed_at, k.entry_id)
                FROM (
                    SELECT e.executed_at, e.id
                    FROM pms.entries_of_leg(k.account, k.asset, k.mode, k.leg) e
                    WHERE (e.executed_at, e.id) > (h.executed_at, h.entry_id)
                        AND NOT EXISTS (
                            SELECT 1
                            FROM pms.voids v
                            WHERE v.entry_id = e.id
                        )
                    ORDER BY e.executed_at, e.id
                    LIMIT 1
                ) n
            ),
            FALSE
        )
CROSS JOIN LATERAL (
    SELECT
        s.key,
        CASE
            WHEN s.key LIKE '%\_at' THEN 'time'
            ELSE jsonb_typeof(s.value)
        END,
        s.value #>> '{}',
        e.value #>> '{}'
    FROM jsonb_each(
        to_jsonb(k.state)
        || jsonb_build_object('version', k.version, 'recorded_at', k.recorded_at)
    ) s
    INNER JOIN jsonb_each(
        to_jsonb(h.state)
        || jsonb_build_object('version', h.newest_version, 'recorded_at', h.newest_recorded_at)
    ) e ON s.key = e.key
    WHERE s.value <> e.value
    UNION ALL
    -- That number of entries does not end there.
    SELECT 'place', 'text', k.entry_id::text, NULL
    WHERE h.entry_id IS NULL
) d (field, kind, stored, expected)
CROSS JOIN LATERAL pms.ledger_finding(
    checkpoint_findings.account, checkpoint_findings.asset, checkpoint_findings.mode, k.leg,
    'checkpoint', format('%s of checkpoint %s', d.field, k.ordinal),
    CASE d.kind
        WHEN 'number' THEN pms.decimal_text(d.stored::numeric)
        WHEN 'time' THEN pms.time_text(d.stored::timestamptz)
        ELSE d.stored
    END,
    CASE d.kind
        WHEN 'number' THEN pms.decimal_text(d.expected::numeric)
        WHEN 'time' THEN pms.time_text(d.expected::timestamptz)
        ELSE d.expected
    END,
    'rebuild it from the ledger'
) n
WHERE (k.state, k.version, k.recorded_at)
    IS DISTINCT FROM (h.state, h.newest_version, h.newest_recorded_at)
ORDER BY k.ordinal, d.field
$$;

COMMENT ON FUNCTION pms.checkpoint_findings IS
$$Where checkpoints differ from their ledger

The checkpoints of a leg as it is known now, from one event time to another, against the fold from
the checkpoint before them: by default all, from the first entry. Raises class 22 when an entry
cannot be valued.$$;

-- A function of its own, because a leg that cannot be folded must not hide another one.
CREATE OR REPLACE FUNCTION pms.is_leg_sound(
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz,
    until timestamptz
)
RETURNS boolean
LANGUAGE plpgsql
STABLE
-- Compiling a plan costs more than a check takes (ADR 0002).
SET jit = off
AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1
        FROM pms.checkpoint_findings(account, asset, mode, leg, since, until)
    ) AND (
        until < 'infinity'
        OR NOT EXISTS (SELECT 1 FROM pms.stored_row_findings(account, asset, mode, TRUE))
    );
EXCEPTION
    -- An entry that cannot be valued.
    WHEN data_exception THEN
        RETURN FALSE;
END
$$;

COMMENT ON FUNCTION pms.is_leg_sound IS
$$Whether the checkpoints of a leg, from one event time to another, follow from the one before them

until infinity: and the row from the last one.$$;

CREATE OR REPLACE FUNCTION pms.first_unverified_checkpoint(verified pms.verified_legs)
RETURNS timestamptz
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    base pms.checkpoints;
BEGIN
    -- Checkpoints are added and replaced at the end of their list. Read from there, by index.
    SELECT c.*
    INTO base
    FROM pms.checkpoints c
    WHERE (c.account, c.asset, c.mode, c.leg)
        = (verified.account, verified.asset, verified.mode, verified.leg)
        AND c.known_to = 'infinity'
        AND c.known_from <= verified.entered_at
        AND c.ordinal <= verified.checkpointed
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        RETURN '-infinity'::timestamptz;
    END IF;

    RETURN coalesce(
        (
            SELECT c.executed_at
            FROM pms.checkpoints c
            WHERE (c.account, c.asset, c.mode, c.leg)
                = (verified.account, verified.asset, verified.mode, verified.leg)
                AND c.known_to = 'infinity'
                AND (c.executed_at, c.entry_id) > (base.executed_at, base.entry_id)
            ORDER BY c.executed_at, c.entry_id
            LIMIT 1
        ),
        'infinity'
    );
END
$$;

COMMENT ON FUNCTION pms.first_unverified_checkpoint IS
$$The event time of the first checkpoint of a leg that came after it was verified

infinity: there is none; -infinity: all, or the leg has not been verified.$$;
