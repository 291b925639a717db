CREATE OR REPLACE FUNCTION pms.verify_changed_legs(after pms.leg_key, size integer)
RETURNS pms.verified_part
LANGUAGE plpgsql
AS $$
DECLARE
    v_verified pms.leg_key[];
    v_differing pms.position_key[];
BEGIN
    -- One statement: it reads rows, entries and checkpoints of the same moment, and locks no leg.
    -- What a transaction changes that is still open differs from the record when it commits.
    WITH changed AS (
        SELECT p.account, p.asset, p.mode, p.leg, p.entered_at, p.checkpointed, v AS verified
        FROM pms.positions p
        LEFT JOIN pms.verified_legs v USING (account, asset, mode, leg)
        WHERE (p.account, p.asset, p.mode, p.leg) > (
                coalesce((verify_changed_legs.after).account, ''),
                coalesce((verify_changed_legs.after).asset, ''),
                coalesce((verify_changed_legs.after).mode, ''),
                coalesce((verify_changed_legs.after).leg, '')
            )
            AND (p.entered_at, p.checkpointed) IS DISTINCT FROM (v.entered_at, v.checkpointed)
        ORDER BY p.account, p.asset, p.mode, p.leg
        LIMIT verify_changed_legs.size
    ),

    examined AS (
        SELECT
            c.*,
            pms.is_leg_sound(
                c.account, c.asset, c.mode, c.leg, pms.first_unverified_checkpoint(c.verified),
                'infinity'
            ) AS is_sound
        FROM changed c
    ),

    recorded AS (
        INSERT INTO pms.verified_legs (account, asset, mode, leg, entered_at, checkpointed)
        SELECT x.account, x.asset, x.mode, x.leg, x.entered_at, x.checkpointed
        FROM examined x
        ON CONFLICT ON CONSTRAINT verified_legs_pkey DO UPDATE
        SET entered_at = excluded.entered_at,
            checkpointed = excluded.checkpointed
    )

    SELECT
        coalesce(
            array_agg(
                (x.account, x.asset, x.mode, x.leg)::pms.leg_key
                ORDER BY x.account, x.asset, x.mode, x.leg
            ),
            '{}'
        ),
        array_agg(DISTINCT (x.account, x.asset, x.mode)::pms.position_key)
        FILTER (WHERE NOT x.is_sound)
    INTO v_verified, v_differing
    FROM examined x;

    PERFORM pms.record_ledger_findings(v_differing);

    RETURN (
        CASE WHEN cardinality(v_verified) = size THEN v_verified[size] END,
        (SELECT count(*) FROM unnest(v_verified) k WHERE NOT pms.is_book(k.account))
    )::pms.verified_part;
END
$$;

COMMENT ON FUNCTION pms.verify_changed_legs IS
$$Verify the next legs whose entries or checkpoints have changed since they were verified

From the last checkpoint before the change. A leg that differs has its position folded from the first
entry. Returns the last leg, to go on after it, and how many, without those of books.$$;

CREATE OR REPLACE FUNCTION pms.next_span_end(key pms.position_key, since timestamptz)
RETURNS timestamptz
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    (
        SELECT n.executed_at
        FROM (
            SELECT
                c.executed_at,
                count(*) OVER place AS checkpoints,
                sum(c.entries) OVER place AS entries
            FROM pms.position_legs((next_span_end.key).mode) l
            CROSS JOIN LATERAL (
                SELECT
                    k.executed_at,
                    k.ordinal - lag(k.ordinal, 1, k.uncounted) OVER (
                        ORDER BY k.executed_at, k.entry_id
                    ) AS entries
                FROM (
                    SELECT
                        h.executed_at, h.entry_id, h.ordinal,
                        CASE WHEN next_span_end.since > '-infinity' THEN h.ordinal ELSE 0 END
                            AS uncounted
                    FROM pms.checkpoints h
                    WHERE (h.account, h.asset, h.mode, h.leg) = (
                            (next_span_end.key).account, (next_span_end.key).asset,
                            (next_span_end.key).mode, l.leg
                        )
                        AND h.known_to = 'infinity'
                        AND h.executed_at >= next_span_end.since
                    ORDER BY h.executed_at, h.entry_id
                    LIMIT 41
                ) k
            ) c
            WHERE c.executed_at > next_span_end.since
            WINDOW place AS (ORDER BY c.executed_at)
        ) n
        WHERE n.entries >= 10000
            -- They may be as close together as snapshots.
            OR n.checkpoints >= 40
        ORDER BY n.executed_at
        LIMIT 1
    ),
    'infinity'
)
$$;

COMMENT ON FUNCTION pms.next_span_end IS
$$The event time until which the pass verifies a position at once

That of the checkpoint with which it has read 10000 entries, or 40 checkpoints.$$;

CREATE OR REPLACE FUNCTION pms.verify_next_span()
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_place pms.verification_progress := (
        SELECT v FROM pms.verification_progress v
    );
    v_key pms.position_key := (v_place.account, v_place.asset, v_place.mode);
    v_until timestamptz;
    v_entries bigint;
    v_is_sound boolean;
BEGIN
    IF v_place.since IS NULL THEN
        v_key := (SELECT k FROM pms.next_positions(v_key, 1) k);
        v_place.since := '-infinity';

        IF v_key IS NULL THEN
            UPDATE pms.verification_progress v
            SET covered_since = greatest(v.covered_since, v.pass_started_at),
                pass_started_at = NULL,
                pass_entries = 0,
                account = NULL,
                asset = NULL,
                mode = NULL;
            RETURN NULL;
        END IF;

        -- Each account with its first position.
        IF v_key.account IS DISTINCT FROM v_place.account THEN
            PERFORM pms.record_total_findings(ARRAY[v_key.account]);
        END IF;
    END IF;

    v_until := pms.next_span_end(v_key, v_place.since);

    SELECT
        bool_and(
            pms.is_leg_sound(v_key.account, v_key.asset, v_key.mode, l.leg, v_place.since, v_until)
            AND NOT EXISTS (
                SELECT 1
                FROM pms.key_findings(
                    v_key.account, v_key.asset, v_key.mode, l.leg, v_place.since, v_until
                )
            )
        ),
        greatest(sum(n.entries), 1)
    INTO v_is_sound, v_entries
    FROM pms.position_legs(v_key.mode) l
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries
        FROM pms.entries_of_leg(v_key.account, v_key.asset, v_key.mode, l.leg) e
        WHERE e.executed_at > v_place.since
            AND e.executed_at <= v_until
    ) n;

    IF NOT v_is_sound THEN
        PERFORM pms.record_ledger_findings(ARRAY[v_key]);
    END IF;

    UPDATE pms.verification_progress v
    SET account = v_key.account,
        asset = v_key.asset,
        mode = v_key.mode,
        since = nullif(v_until, 'infinity'),
        pass_entries = v.pass_entries + v_entries;

    RETURN v_entries;
END
$$;

COMMENT ON FUNCTION pms.verify_next_span IS
$$Verify the next part of the pass over the whole ledger; return how many entries it has

A position at most, of a long one a part between two checkpoints. Parts that follow from each other
have been folded from the first entry. Null: the pass has ended.$$;

CREATE OR REPLACE FUNCTION pms.continue_pass(target numeric)
RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    v_verified bigint := 0;
    v_entries bigint;
BEGIN
    FOR v_spans IN 1..100
    LOOP
        v_entries := pms.verify_next_span();
        v_verified := v_verified + v_entries;

        IF v_entries IS NULL
            OR (SELECT v.pass_entries >= target FROM pms.verification_progress v)
        THEN
            RETURN FALSE;
        END IF;

        EXIT WHEN v_verified >= 10000;
    END LOOP;
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.continue_pass IS
$$Continue the pass over the whole ledger by one step; return whether the run is to go on with it

Until the pass has read target entries. A step reads a hundred parts, or 10000 entries and what
completes a part.$$;

CREATE OR REPLACE FUNCTION pms.begin_run()
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_share numeric;
BEGIN
    -- Few or none. A correction shows in the next run.
    PERFORM pms.record_ledger_findings(ARRAY(
        SELECT (n.account, n.asset, n.mode)::pms.position_key
        FROM (
            SELECT f.* FROM pms.ledger_findings f WHERE f.asset <> '' ORDER BY f.verified_at LIMIT 100
        ) n
    ));
    PERFORM pms.record_total_findings(ARRAY(
        SELECT f.account FROM pms.ledger_findings f WHERE f.asset = '' ORDER BY f.verified_at LIMIT 100
    ));

    UPDATE pms.verification_progress v
    -- Nothing began later than now: the clock was set back.
    SET pass_started_at = least(v.pass_started_at, clock_timestamp()),
        covered_since = least(v.covered_since, clock_timestamp())
    FROM pms.settings s
    -- The next run comes an interval later.
    RETURNING extract(EPOCH FROM clock_timestamp() + s.verification_interval - v.pass_started_at)
        / extract(EPOCH FROM s.verification_period)
    INTO v_share;

    RETURN jsonb_build_object(
        'started_at', clock_timestamp(),
        'steps', 0,
        'legs', 0,
        'has_changes', TRUE,
        'is_passing', TRUE,
        'target', CASE
            WHEN v_share >= 1 THEN 'Infinity'
            ELSE (SELECT ceil(sum(greatest(p.entries, 1)) * v_share) FROM pms.positions p)
        END
    );
END
$$;

COMMENT ON FUNCTION pms.begin_run IS
$$Begin a run of the verification: its progress before the first step$$;

CREATE OR REPLACE FUNCTION pms.verify_ledger(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_run jsonb := coalesce(progress, pms.begin_run());
    v_steps integer := (v_run ->> 'steps')::integer + 1;
    v_legs bigint := (v_run ->> 'legs')::bigint;
    v_has_changes boolean := (v_run ->> 'has_changes')::boolean;
    v_is_passing boolean := (v_run ->> 'is_passing')::boolean;
    v_part pms.verified_part;
BEGIN
    IF v_has_changes THEN
        v_part := pms.verify_changed_legs(
            jsonb_populate_record(NULL::pms.leg_key, nullif(v_run -> 'after', 'null')), 1000
        );
        v_legs := v_legs + v_part.verified;
        v_has_changes := v_part.after IS NOT NULL;

        IF NOT v_has_changes THEN
            UPDATE pms.verification_progress v
            SET verified_at = (v_run ->> 'started_at')::timestamptz;
        END IF;
    END IF;

    IF v_is_passing THEN
        v_is_passing := pms.continue_pass((v_run ->> 'target')::numeric);
    END IF;

    -- The rest is due in the next run.
    IF (v_has_changes OR v_is_passing) AND v_steps < 100 THEN
        RETURN (
            v_run || jsonb_build_object(
                'steps', v_steps,
                'legs', v_legs,
                'after', v_part.after,
                'has_changes', v_has_changes,
                'is_passing', v_is_passing
            ),
            NULL
        )::pms.job_step;
    END IF;

    RETURN (
        SELECT (
            NULL,
            format(
                '%s discrepancies; %s changed legs verified, all others since %s',
                pms.standing_ledger_findings(), v_legs, pms.time_text(v.covered_since)
            )
        )::pms.job_step
        FROM pms.verification_progress v
    );
END
$$;

COMMENT ON FUNCTION pms.verify_ledger IS
$$Verify changed legs, and the next part of a pass over the whole ledger

A job: rows and checkpoints are compared with the fold of their entries; no leg is locked, nothing is
fixed. A step verifies up to 1000 changed legs and about 10000 entries of the pass, a run takes up to
100 steps. The pass reaches the end of the ledger once in verification_period. Findings stand in
pms.ledger_findings until their position is folded from its first entry without them.$$;
