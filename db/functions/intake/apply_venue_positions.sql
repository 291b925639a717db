CREATE OR REPLACE FUNCTION pms.is_one_sequence(
    seq bigint,
    reported_at timestamptz,
    other_seq bigint,
    other_reported_at timestamptz,
    skew interval
)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN coalesce(
    abs(seq - other_seq) <= 1000000
    AND reported_at BETWEEN other_reported_at - skew AND other_reported_at + skew,
    FALSE
);

COMMENT ON FUNCTION pms.is_one_sequence IS $$Whether the numbers of two reports say which is newer

They do when both have one and neither numbers nor times are far apart; else the times say it. So a
number that is absurdly high, or a venue that counts from the start again, silences no position.$$;

CREATE OR REPLACE FUNCTION pms.lock_venue_reports(reports pms.venue_report[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    -- The first report of a leg, as in pms.store_prices.
    IF EXISTS (
        SELECT 1
        FROM unnest(lock_venue_reports.reports) r
        WHERE r.outcome IS NULL
            AND NOT EXISTS (
                SELECT 1
                FROM pms.venue_positions v
                WHERE (v.account, v.asset, v.mode, v.leg) = (r.account, r.asset, r.mode, r.leg)
            )
    ) THEN
        PERFORM pg_advisory_xact_lock(hashtext('pms.venue_positions'));
    END IF;

    PERFORM 1
    FROM pms.venue_positions v
    INNER JOIN unnest(lock_venue_reports.reports) r
        ON (v.account, v.asset, v.mode, v.leg) = (r.account, r.asset, r.mode, r.leg)
    WHERE r.outcome IS NULL
    ORDER BY v.account, v.asset, v.mode, v.leg
    FOR UPDATE OF v;
END
$$;

COMMENT ON FUNCTION pms.lock_venue_reports IS
$$Lock the stored reports of the legs that reports are of, in the order of their keys

Reports with an outcome are left out. While a leg has no report yet, one batch at a time.$$;

CREATE OR REPLACE FUNCTION pms.repeated_reports(reports pms.venue_report[])
RETURNS integer[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT r.ordinal
    FROM unnest(repeated_reports.reports) r
    INNER JOIN pms.venue_positions v
        ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
    WHERE r.outcome IS NULL
        AND (r.seq, r.reported_at, r.size, r.average_price, r.mark_price, r.unrealized_pnl)
        IS NOT DISTINCT FROM
        (v.seq, v.reported_at, v.size, v.average_price, v.mark_price, v.unrealized_pnl)
)
$$;

COMMENT ON FUNCTION pms.repeated_reports IS
'The ordinals of the reports that are stored already.';

CREATE OR REPLACE FUNCTION pms.store_venue_reports(
    reports pms.venue_report[],
    recorded_at timestamptz
)
RETURNS integer[]
LANGUAGE sql
AS $$
WITH newer AS (
    SELECT
        r.*,
        s.clock_skew_limit,
        first_value(r.seq) OVER latest AS latest_seq,
        first_value(r.reported_at) OVER latest AS latest_at
    FROM unnest(store_venue_reports.reports) r
    CROSS JOIN pms.settings s
    LEFT JOIN pms.venue_positions v
        ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
    WHERE r.outcome IS NULL
        AND (
            v.account IS NULL
            OR CASE
                WHEN pms.is_one_sequence(
                        r.seq, r.reported_at, v.seq, v.reported_at, s.clock_skew_limit
                    )
                    THEN r.seq > v.seq
                ELSE r.reported_at > v.reported_at
            END
        )
    WINDOW latest AS (
        PARTITION BY r.account, r.asset, r.mode, r.leg ORDER BY r.reported_at DESC, r.ordinal DESC
    )
),

-- The highest number of those in one sequence with the latest; without numbers, the latest.
newest AS (
    SELECT DISTINCT ON (n.account, n.asset, n.mode, n.leg) n.*
    FROM (
        SELECT
            u.*,
            pms.is_one_sequence(
                u.seq, u.reported_at, u.latest_seq, u.latest_at, u.clock_skew_limit
            ) AS is_numbered
        FROM newer u
    ) n
    ORDER BY
        n.account, n.asset, n.mode, n.leg, n.is_numbered DESC,
        CASE WHEN n.is_numbered THEN n.seq END DESC, n.reported_at DESC, n.ordinal DESC
),

stored AS (
    INSERT INTO pms.venue_positions (
        account, asset, mode, leg, size, average_price, mark_price, unrealized_pnl,
        realized_pnl, seq, reported_at, recorded_at, trace_id
    )
    SELECT
        n.account, n.asset, n.mode, n.leg, n.size, n.average_price, n.mark_price,
        n.unrealized_pnl, n.realized_pnl, n.seq, n.reported_at, store_venue_reports.recorded_at,
        n.trace_id
    FROM newest n
    ORDER BY n.account, n.asset, n.mode, n.leg
    ON CONFLICT ON CONSTRAINT venue_positions_pkey DO UPDATE
    SET size = excluded.size,
        average_price = excluded.average_price,
        mark_price = excluded.mark_price,
        unrealized_pnl = excluded.unrealized_pnl,
        realized_pnl = excluded.realized_pnl,
        seq = excluded.seq,
        reported_at = excluded.reported_at,
        recorded_at = excluded.recorded_at,
        trace_id = excluded.trace_id
)

SELECT coalesce(array_agg(n.ordinal), '{}') FROM newest n
$$;

COMMENT ON FUNCTION pms.store_venue_reports IS
$$Store the newest report of each leg; return the ordinals of the stored ones

Reports with an outcome are left out. The reports of the legs must be locked, and the legs, at
recorded_at: a report that is stored after a void is dated after it.$$;

CREATE OR REPLACE FUNCTION pms.review_reports(
    reports pms.venue_report[],
    stored integer[],
    locked pms.leg_key[]
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_unread pms.review[];
    v_settled pms.review[];
BEGIN
    SELECT
        array_agg((
            r.account, r.asset, r.mode, r.leg, r.reason, 'venue', r.detail
        )::pms.review) FILTER (WHERE r.reason = 'unread_report'),
        array_agg((
            v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL
        )::pms.review) FILTER (WHERE r.reason IS NULL AND v.code = 'unread_report')
    INTO v_unread, v_settled
    FROM unnest(review_reports.reports) r
    LEFT JOIN pms.reviews v
        ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
    WHERE r.ordinal = ANY(stored)
        AND (r.account, r.asset, r.mode, r.leg)::pms.leg_key = ANY(locked);

    IF v_unread IS NOT NULL THEN
        PERFORM pms.raise_reviews(v_unread);
    END IF;

    IF v_settled IS NOT NULL THEN
        PERFORM pms.settle_reviews(v_settled);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.review_reports IS $$Flag legs for what of their newest report cannot be read

A report that can be read settles it. stored: the ordinals of the reports that were stored; locked:
the legs that are.$$;

CREATE OR REPLACE FUNCTION pms.legs_named_by_reports(reports pms.venue_report[])
RETURNS SETOF pms.leg_name
LANGUAGE sql
STABLE
AS $$
SELECT
    r.ordinal,
    pms.named_leg(
        r.account, r.asset, r.mode, r.leg,
        coalesce(r.reason IN ('invalid_mode', 'unknown_event'), FALSE)
    )
FROM unnest(legs_named_by_reports.reports) r
LEFT JOIN pms.venue_positions v
    ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
-- One that is older than the stored report has been replaced.
WHERE v.account IS NULL OR r.reported_at >= v.reported_at
$$;

COMMENT ON FUNCTION pms.legs_named_by_reports IS
'The legs that reports of the venue name, without reports that are older than the stored ones.';

CREATE OR REPLACE FUNCTION pms.report_outcomes(
    reports pms.venue_report[],
    stored integer[],
    duplicate integer[]
)
RETURNS SETOF pms.outcome
LANGUAGE sql
STABLE
AS $$
SELECT
    r.ordinal,
    CASE
        WHEN r.outcome IS NOT NULL THEN r.outcome
        WHEN r.ordinal = ANY(report_outcomes.stored) THEN 'applied'
        WHEN r.ordinal = ANY(report_outcomes.duplicate) THEN 'duplicate'
        ELSE 'stale'
    END,
    CASE
        WHEN r.outcome IS NOT NULL THEN r.reason
        WHEN r.ordinal <> ALL(report_outcomes.stored || report_outcomes.duplicate)
            THEN 'superseded'
        ELSE r.reason
    END,
    r.detail,
    r.trace_id
FROM unnest(report_outcomes.reports) r
ORDER BY r.ordinal
$$;

COMMENT ON FUNCTION pms.report_outcomes IS
'The outcomes of reports, of which those with these ordinals were stored or known.';

CREATE OR REPLACE FUNCTION pms.apply_venue_positions(messages jsonb[])
RETURNS SETOF pms.outcome
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
-- Compiling a plan costs more than a batch takes (ADR 0002).
SET jit = off
AS $$
DECLARE
    v_read pms.venue_report[];
    v_prices pms.price_event[];
    v_changed_holds text[];
    v_legs pms.leg_key[];
    v_marked pms.leg_key[];
    v_locked_at timestamptz;
    v_duplicate integer[];
    v_stored integer[];
    v_misdirected pms.outcome[];
    v_own integer[];
BEGIN
    PERFORM pms.lock_rules();

    v_read := ARRAY(SELECT r FROM pms.parse_venue_positions(messages) r);

    -- With the lock, which api.set_shard_map waits for: the map stays as it is.
    v_misdirected := pms.misdirected_reports(v_read);
    IF v_misdirected <> '{}' THEN
        v_own := pms.other_ordinals(v_misdirected, cardinality(messages));
        RETURN QUERY
        SELECT v_own[o.ordinal], o.outcome, o.reason, o.detail, o.trace_id
        FROM pms.apply_venue_positions(
                ARRAY(SELECT messages[n.ordinal] FROM unnest(v_own) n (ordinal))
            ) o
        UNION ALL
        SELECT m.* FROM unnest(v_misdirected) m
        ORDER BY 1;
        RETURN;
    END IF;

    -- Locked first: reports, prices, legs.
    PERFORM pms.lock_venue_reports(v_read);

    SELECT s.outcomes, s.changed_holds
    INTO v_prices, v_changed_holds
    FROM pms.store_prices(ARRAY(
        SELECT (
            r.ordinal, NULL, NULL, NULL, r.trace_id, r.asset, r.mark_price, r.reported_at, 'venue'
        )::pms.price_event
        FROM unnest(v_read) r
        WHERE r.outcome IS NULL
            AND r.mark_price IS NOT NULL
        ORDER BY r.ordinal
    )) s;
    v_legs := ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM unnest(v_read) r
        LEFT JOIN pms.positions p
            ON (r.account, r.asset, r.mode, r.leg) = (p.account, p.asset, p.mode, p.leg)
        WHERE r.outcome IS NULL
            -- A flat report about a position that was never held creates no leg.
            AND (r.size <> 0 OR p.account IS NOT NULL)
    );
    -- Those that will be flagged for a rejected report, in the same transaction.
    IF EXISTS (SELECT 1 FROM unnest(v_read) r WHERE r.outcome = 'rejected') THEN
        v_legs := v_legs || pms.existing_legs(ARRAY(
            SELECT n.leg
            FROM pms.legs_named_by_reports(ARRAY(
                SELECT r FROM unnest(v_read) r WHERE r.outcome = 'rejected'
            )) n
        ));
    END IF;
    v_marked := pms.legs_to_mark(v_prices, v_changed_holds);
    v_locked_at := pms.lock_legs(v_legs || v_marked);
    IF v_changed_holds IS NOT NULL THEN
        PERFORM pms.review_held_prices(v_changed_holds);
    END IF;
    PERFORM pms.mark_legs(v_marked);
    v_duplicate := pms.repeated_reports(v_read);
    v_stored := pms.store_venue_reports(v_read, v_locked_at);
    PERFORM pms.review_reports(v_read, v_stored, v_legs);
    PERFORM pms.replace_rejected_reports(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
        FROM unnest(v_read) r
        INNER JOIN pms.reviews v
            ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE r.ordinal = ANY(v_stored)
            AND v.code = 'rejected_report'
    ));
    PERFORM pms.publish_position_events(
        pms.reconcile_venue_reports(
            ARRAY(
                SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
                FROM unnest(v_read) r
                WHERE r.ordinal = ANY(v_stored)
            ),
            v_locked_at,
            v_legs
        ),
        'websocket'
    );

    RETURN QUERY SELECT o.* FROM pms.report_outcomes(v_read, v_stored, v_duplicate) o;
END
$$;

COMMENT ON FUNCTION pms.apply_venue_positions IS
$$Apply a batch of venue position reports; one outcome per message, in order

Stores the newest report of each leg. Its mark becomes a price, its average replaces ours where they
differ, and a position that only the venue knows is adopted: see pms.reconcile_venue_reports.

Outcomes: applied, duplicate, stale (a newer report is stored, or in the same batch), rejected, or
misdirected to the shard in detail.
Reports are ordered by seq, else by time: see pms.is_one_sequence. One that counts without a field
that cannot be read has the reason unread_report, and its leg is flagged.$$;

GRANT EXECUTE ON FUNCTION pms.apply_venue_positions TO pms_worker;
