CREATE OR REPLACE FUNCTION pms.settle_conflicts(ids bigint[], status text)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_settled pms.review[];
BEGIN
    WITH settled AS (
        UPDATE pms.conflicts k
        SET status = settle_conflicts.status
        WHERE k.id = ANY(settle_conflicts.ids)
            AND k.status = 'waiting'
        RETURNING k.*
    )

    SELECT array_agg((
        s.account, s.asset, s.mode, s.leg, 'identity_conflict', s.id, NULL
    )::pms.review)
    INTO v_settled
    FROM settled s
    WHERE s.asset IS NOT NULL;

    IF v_settled IS NOT NULL THEN
        PERFORM pms.settle_reviews(v_settled);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.settle_conflicts IS
$$Settle conflicts that wait, and the flags of their legs

status: kept or taken. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.quarantine_conflicts(
    messages jsonb[],
    events pms.order_event[],
    amendments pms.amendment_event[],
    recorded_at timestamptz
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_reviews pms.review[];
BEGIN
    WITH conflict AS (
        SELECT
            u.*,
            coalesce(
                (
                    SELECT to_jsonb(v)
                    FROM pms.subsumed_executions v
                    WHERE v.account = u.account
                        AND v.identity = u.identity
                ),
                (
                    SELECT to_jsonb(e) - ARRAY[
                        'leg_id', 'identity_key', 'order_key', 'scheme', 'closing_price',
                        'closing_source'
                    ]
                    FROM pms.find_entry(u.account, u.identity) e
                ),
                (
                    SELECT s.message
                    FROM pms.suspected_repeats s
                    WHERE s.account = u.account
                        AND s.identity = u.identity
                ),
                (
                    SELECT to_jsonb(a)
                    FROM pms.amendments a
                    WHERE a.account = u.account
                        AND a.identity = u.identity
                )
            ) AS recorded,
            -- Sent again it has another trace and is the same contradiction.
            quarantine_conflicts.messages[u.ordinal] - 'trace_id' AS received
        FROM (
            SELECT e.ordinal, e.account, e.identity, e.trace_id, e.asset, e.mode, e.leg
            FROM unnest(quarantine_conflicts.events) e
            WHERE e.reason = 'identity_conflict'
            UNION ALL
            SELECT
                a.ordinal, a.account, a.identity, a.trace_id,
                (n.leg).asset, (n.leg).mode, (n.leg).leg
            FROM unnest(quarantine_conflicts.amendments) a
            LEFT JOIN pms.legs_named_by_amendments(quarantine_conflicts.amendments) n
                -- A conflict is of one leg, or of none.
                ON a.ordinal = n.ordinal AND (n.leg).mode IS NOT NULL
            WHERE a.reason = 'identity_conflict'
        ) u
    ),

    stored AS (
        INSERT INTO pms.conflicts AS k (
            account, identity, recorded, received, seen_count, first_seen_at, last_seen_at,
            trace_id, asset, mode, leg
        )
        SELECT DISTINCT ON (c.account, c.identity, c.received)
            c.account, c.identity, c.recorded, c.received,
            count(*) OVER (PARTITION BY c.account, c.identity, c.received),
            quarantine_conflicts.recorded_at, quarantine_conflicts.recorded_at, c.trace_id,
            c.asset, c.mode, c.leg
        FROM conflict c
        -- The message that it contradicts may have been refused, in the same batch.
        WHERE c.recorded IS NOT NULL
        ON CONFLICT ON CONSTRAINT conflicts_version_key DO UPDATE
        SET seen_count = k.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at
        RETURNING k.*
    )

    SELECT array_agg((
        s.account, s.asset, s.mode, s.leg, 'identity_conflict', s.id,
        pms.conflict_detail(s.identity)
    )::pms.review)
    INTO v_reviews
    FROM stored s
    WHERE s.status = 'waiting'
        AND s.asset IS NOT NULL;

    IF v_reviews IS NOT NULL THEN
        PERFORM pms.raise_reviews(v_reviews);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.quarantine_conflicts IS
$$Keep both versions of what contradicts the ledger until somebody decides; flag the legs

One row for each different version received; sent again it is only counted, and once it was settled
it flags no leg again. Call it when the version that counts is stored, with the legs locked.$$;
