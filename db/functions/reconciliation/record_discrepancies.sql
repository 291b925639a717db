CREATE OR REPLACE FUNCTION pms.discrepancy_review_code(kind text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE kind
    WHEN 'size' THEN 'size_differs'
    WHEN 'average_price' THEN 'average_differs'
    WHEN 'adoption' THEN 'unexplained_position'
    WHEN 'stored_row' THEN 'row_differs'
    WHEN 'checkpoint' THEN 'checkpoint_differs'
    WHEN 'rule' THEN 'rule_broken'
END;

COMMENT ON FUNCTION pms.discrepancy_review_code IS
'The reason for review that an open discrepancy of a kind is.';

CREATE OR REPLACE FUNCTION pms.review_discrepancies(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(review_discrepancies.keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE v.code IN (
                'size_differs', 'average_differs', 'unexplained_position', 'row_differs',
                'checkpoint_differs', 'rule_broken'
            )
            AND NOT EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
                    AND d.id::text = v.source
                    AND d.status = 'open'
            )
    ));
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            d.account, d.asset, d.mode, d.leg, pms.discrepancy_review_code(d.kind), d.id,
            format('%s: ours %s, theirs %s', d.field, d.ours, d.theirs)
        )::pms.review
        FROM unnest(review_discrepancies.keys) k
        INNER JOIN pms.discrepancies d
            ON (k.account, k.asset, k.mode, k.leg) = (d.account, d.asset, d.mode, d.leg)
        WHERE d.status = 'open'
    ));
    -- Also where code of before the reasons were kept set the flag.
    PERFORM pms.refresh_needs_review(review_discrepancies.keys);
END
$$;

COMMENT ON FUNCTION pms.review_discrepancies IS $$Flag legs for their open discrepancies only

The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.resolve_discrepancies(
    keys pms.leg_key[],
    kinds text[],
    found pms.discrepancies[],
    resolved_at timestamptz
)
RETURNS void
LANGUAGE sql
AS $$
UPDATE pms.discrepancies d
SET status = 'resolved',
    closed_at = resolve_discrepancies.resolved_at
FROM unnest(resolve_discrepancies.keys) k
WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
    AND d.kind = ANY(resolve_discrepancies.kinds)
    AND d.status IN ('open', 'dismissed')
    AND d.id <> ALL(ARRAY(SELECT f.id FROM unnest(resolve_discrepancies.found) f))
$$;

COMMENT ON FUNCTION pms.resolve_discrepancies IS
'Resolve the discrepancies of some kinds of legs, but those that a check has found again.';

CREATE OR REPLACE FUNCTION pms.record_discrepancies(
    findings pms.finding[],
    settled pms.finding[],
    settled_status text,
    keys pms.leg_key[],
    kinds text[],
    trace_id text
)
RETURNS pms.discrepancies[]
LANGUAGE plpgsql
AS $$
DECLARE
    v_seen_at timestamptz := clock_timestamp();
    v_seen pms.discrepancies[];
BEGIN
    WITH found AS (
        SELECT DISTINCT ON (f.account, n.id) f.*, n.id
        FROM (
            SELECT u.*, 'open' AS status
            FROM unnest(record_discrepancies.findings) u
            UNION ALL
            SELECT u.*, record_discrepancies.settled_status
            FROM unnest(record_discrepancies.settled) u
        ) f
        CROSS JOIN LATERAL (
            SELECT pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field) AS id
        ) n
        ORDER BY f.account, n.id
    ),

    -- The legs are locked: nobody else changes their discrepancies meanwhile.
    merged AS (
        SELECT
            f.*,
            d.status AS status_before,
            d.first_seen_at, d.times_seen, d.opened_at, d.announced_at, d.closed_at, d.decided_by,
            d.decided_at, d.note,
            CASE
                WHEN f.status = 'open' AND d.status = 'dismissed'
                    AND (d.ours, d.theirs) IS NOT DISTINCT FROM (f.ours, f.theirs)
                    THEN 'dismissed'
                ELSE f.status
            END AS status_now
        FROM found f
        LEFT JOIN pms.discrepancies d ON f.account = d.account AND f.id = d.id
    ),

    recorded AS (
        INSERT INTO pms.discrepancies AS d (
            account, id, asset, mode, leg, kind, field, ours, theirs, threshold, proposal,
            target_size, target_cost, is_fixable, evidence, trace_id, status, first_seen_at,
            last_seen_at, times_seen, opened_at, announced_at, closed_at, decided_by, decided_at,
            note
        )
        SELECT
            t.account, t.id, t.asset, t.mode, t.leg, t.kind, t.field, t.ours, t.theirs,
            t.threshold, t.proposal, t.target_size, t.target_cost, t.is_fixable, t.evidence,
            coalesce(record_discrepancies.trace_id, t.trace_id),
            t.status_now,
            coalesce(t.first_seen_at, v_seen_at),
            v_seen_at,
            coalesce(t.times_seen, 0) + 1,
            CASE WHEN t.status_before IN ('open', t.status_now) THEN t.opened_at ELSE v_seen_at END,
            CASE WHEN t.status_before IN ('open', t.status_now) THEN t.announced_at END,
            CASE
                WHEN t.status_now = 'dismissed' THEN t.closed_at
                WHEN t.status_now <> 'open' THEN v_seen_at
            END,
            CASE t.status_now
                WHEN 'dismissed' THEN t.decided_by
                WHEN 'accepted' THEN session_user
            END,
            CASE t.status_now WHEN 'dismissed' THEN t.decided_at WHEN 'accepted' THEN v_seen_at END,
            CASE WHEN t.status_now = 'dismissed' THEN t.note END
        FROM merged t
        ON CONFLICT ON CONSTRAINT discrepancies_pkey DO UPDATE
        SET ours = excluded.ours,
            theirs = excluded.theirs,
            threshold = excluded.threshold,
            proposal = excluded.proposal,
            target_size = excluded.target_size,
            target_cost = excluded.target_cost,
            is_fixable = excluded.is_fixable,
            evidence = excluded.evidence,
            trace_id = excluded.trace_id,
            status = excluded.status,
            last_seen_at = excluded.last_seen_at,
            times_seen = excluded.times_seen,
            opened_at = excluded.opened_at,
            announced_at = excluded.announced_at,
            closed_at = excluded.closed_at,
            decided_by = excluded.decided_by,
            decided_at = excluded.decided_at,
            note = excluded.note
        RETURNING d.*
    )

    SELECT coalesce(array_agg(r::pms.discrepancies), '{}') INTO v_seen FROM recorded r;

    PERFORM pms.resolve_discrepancies(keys, kinds, v_seen, v_seen_at);
    PERFORM pms.review_discrepancies(record_discrepancies.keys);

    RETURN v_seen;
END
$$;

COMMENT ON FUNCTION pms.record_discrepancies IS
$$Record the findings of legs, and resolve discrepancies that were not found again

findings stay open; `settled` ones were settled in this transaction: settled_status is fixed or
accepted. Both hold everything that a check of these kinds found in these legs, which are locked. A
known discrepancy keeps its row, a resolved one opens again, a dismissed one stays dismissed until
its values change. Returns the rows of the findings.$$;
