CREATE OR REPLACE FUNCTION pms.refresh_needs_review(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    UPDATE pms.positions p
    SET needs_review = r.needs_review,
        -- A leg that was locked but never changed is not shown.
        version = CASE
            WHEN r.needs_review THEN greatest(p.version, 1)
            -- Nor is one that had nothing but its flag.
            WHEN p.version = 1 AND p.entries = 0 AND p.last_executed_at IS NULL THEN 0
            ELSE p.version
        END
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            EXISTS (
                SELECT 1
                FROM pms.reviews v
                WHERE (v.account, v.asset, v.mode, v.leg) = (k.account, k.asset, k.mode, k.leg)
            ) AS needs_review
        FROM unnest(refresh_needs_review.keys) k
        -- Looks each leg up once (ADR 0002).
        OFFSET 0
    ) r
    WHERE (p.account, p.asset, p.mode, p.leg) = (r.account, r.asset, r.mode, r.leg)
        AND p.needs_review <> r.needs_review;
END
$$;

COMMENT ON FUNCTION pms.refresh_needs_review IS $$Set or clear needs_review of legs

A leg needs review while it has a row in pms.reviews. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.raise_reviews(reviews pms.review[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_unknown CONSTANT text := (
        SELECT min(r.code)
        FROM unnest(raise_reviews.reviews) r
        WHERE r.code NOT IN (SELECT k.code FROM pms.review_remedies k)
    );
BEGIN
    IF v_unknown IS NOT NULL THEN
        RAISE EXCEPTION 'no remedy settles the reason %', v_unknown;
    END IF;

    INSERT INTO pms.reviews AS v (account, asset, mode, leg, code, source, detail, raised_at)
    SELECT DISTINCT ON (r.account, r.asset, r.mode, r.leg, r.code, r.source)
        r.account, r.asset, r.mode, r.leg, r.code, r.source, r.detail, clock_timestamp()
    FROM unnest(raise_reviews.reviews) r
    -- A book is reviewed with its account.
    WHERE NOT pms.is_book(r.account)
    ORDER BY r.account, r.asset, r.mode, r.leg, r.code, r.source
    ON CONFLICT ON CONSTRAINT reviews_pkey DO UPDATE
    SET detail = excluded.detail
    WHERE v.detail IS DISTINCT FROM excluded.detail;

    PERFORM pms.refresh_needs_review(ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM unnest(raise_reviews.reviews) r
    ));
END
$$;

COMMENT ON FUNCTION pms.raise_reviews IS $$Flag legs for review, each with the reason

The legs must be locked. Safe to repeat: code and source identify the reason of a leg. Raises an
exception for a code that pms.review_remedies does not have.$$;

CREATE OR REPLACE FUNCTION pms.settle_reviews(reviews pms.review[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    DELETE FROM pms.reviews v
    USING unnest(settle_reviews.reviews) r
    WHERE (v.account, v.asset, v.mode, v.leg, v.code, v.source)
        = (r.account, r.asset, r.mode, r.leg, r.code, r.source);

    PERFORM pms.refresh_needs_review(ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM unnest(settle_reviews.reviews) r
    ));
END
$$;

COMMENT ON FUNCTION pms.settle_reviews IS $$Take back reasons for review that have been settled

The legs must be locked. Code and source identify the reason of a leg.$$;

CREATE OR REPLACE FUNCTION pms.off_tick(instrument pms.instruments, entry pms.ledger_entries)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN CASE
    -- What a total adds has a price that follows from averages.
    WHEN (entry).identity NOT LIKE 'order:%' AND (entry).price % (instrument).tick_size <> 0
        THEN format(
                'price %s is no multiple of %s', pms.decimal_text((entry).price),
                pms.decimal_text((instrument).tick_size)
            )
    WHEN pms.reported_quantity(entry) % (instrument).quantity_step <> 0
        THEN format(
                'quantity %s is no multiple of %s',
                pms.decimal_text(abs(pms.reported_quantity(entry))),
                pms.decimal_text((instrument).quantity_step)
            )
END;

COMMENT ON FUNCTION pms.off_tick IS
'How a fill misses the grid of its instrument, or null; an instrument without one has no grid.';

CREATE OR REPLACE FUNCTION pms.review_entries(entries pms.ledger_entries[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            n.account, n.asset, n.mode, n.leg, f.code, f.source, f.detail
        )::pms.review
        FROM unnest(review_entries.entries) n
        INNER JOIN pms.instruments i ON n.asset = i.asset
        CROSS JOIN LATERAL (
            SELECT
                'assumed_instrument' AS code,
                n.asset AS source,
                format(
                    'counted as %s in %s, which nobody has confirmed', i.kind,
                    i.settlement_currency
                ) AS detail
            WHERE i.is_assumed
                AND i.base_currency IS NULL
            UNION ALL
            SELECT
                'off_tick', n.identity, pms.off_tick(i, n)
            WHERE n.kind = 'trade'
        ) f
        WHERE f.detail IS NOT NULL
    ));
END
$$;

COMMENT ON FUNCTION pms.review_entries IS
$$Flag the legs of entries that do not fit what is known of their instrument

assumed_instrument: nobody has defined it, and its name does not end in the quote that is assumed.
off_tick: a fill is off the grid of prices or quantities; it counts all the same. The legs must be
locked, the entries entered.$$;

CREATE OR REPLACE FUNCTION pms.review_renamed(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_renamed CONSTANT pms.review[] := ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, 'renamed_asset', p.asset,
            format('opened after the rename to %s at %s', a.to_asset, pms.time_text(a.effective_at))
        )::pms.review
        FROM (SELECT DISTINCT k.* FROM unnest(review_renamed.keys) k) k
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
        INNER JOIN pms.instruments i ON p.asset = i.asset
        CROSS JOIN LATERAL (
            SELECT n.to_asset, n.effective_at
            FROM pms.standing_actions n
            WHERE n.asset = p.asset
                AND n.action = 'rename'
                AND n.effective_at <= p.opened_at
                AND (n.recorded_at <= i.defined_at) IS NOT TRUE
            ORDER BY n.effective_at DESC
            LIMIT 1
        ) a
        WHERE p.size <> 0
    );
BEGIN
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(review_renamed.keys) k
        INNER JOIN pms.reviews v USING (account, asset, mode, leg)
        WHERE v.code = 'renamed_asset'
            AND NOT EXISTS (
                SELECT 1
                FROM unnest(v_renamed) r
                WHERE (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
            )
    ));
    PERFORM pms.raise_reviews(v_renamed);
END
$$;

COMMENT ON FUNCTION pms.review_renamed IS
$$Flag legs that are open although their asset was renamed before they were opened

Their fills may be of the asset that it became. Others are settled. The legs must be locked.$$;

CREATE OR REPLACE FUNCTION pms.review_expired(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT integer := 1000;
    v_keys pms.leg_key[] := ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.instruments i
        INNER JOIN pms.positions p ON i.asset = p.asset
        WHERE i.expires_at <= now()
            AND p.size <> 0
            AND NOT EXISTS (
                SELECT 1
                FROM pms.reviews r
                WHERE (r.account, r.asset, r.mode, r.leg) = (p.account, p.asset, p.mode, p.leg)
                    AND r.code = 'expired'
            )
        UNION ALL
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM pms.reviews r
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE r.code = 'expired'
            AND (p.size = 0 OR i.expires_at > now() IS NOT FALSE)
        LIMIT c_most
    );
    v_flagged pms.review[];
    v_total bigint := coalesce((progress ->> 'legs')::bigint, 0) + cardinality(v_keys);
BEGIN
    PERFORM pms.lock_stored_legs(v_keys);

    -- Behind the locks.
    v_flagged := ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, 'expired', p.asset,
            'expired at ' || pms.time_text(i.expires_at) || ' and still open'
        )::pms.review
        FROM unnest(v_keys) k
        INNER JOIN pms.positions p USING (account, asset, mode, leg)
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE p.size <> 0
            AND i.expires_at <= now()
    );
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (k.account, k.asset, k.mode, k.leg, 'expired', k.asset, NULL)::pms.review
        FROM unnest(v_keys) k
        WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(v_flagged) f
            WHERE (f.account, f.asset, f.mode, f.leg) = (k.account, k.asset, k.mode, k.leg)
        )
    ));
    PERFORM pms.raise_reviews(v_flagged);

    RETURN (
        CASE WHEN cardinality(v_keys) = c_most THEN jsonb_build_object('legs', v_total) END,
        format('%s legs of expired instruments flagged or settled', v_total)
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.review_expired IS
$$Flag the open legs of expired instruments, and settle those that are flat: a job

In steps of 1000 legs.$$;

CREATE OR REPLACE FUNCTION pms.fee_is_unread(account text, identity text)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT NOT EXISTS (
    SELECT 1
    FROM pms.amendments a
    WHERE a.account = fee_is_unread.account
        AND a.amends = fee_is_unread.identity
        AND a.cause = 'bust'
)
-- Of several corrections the newest counts.
AND (
    SELECT a.fee
    FROM pms.amendments a
    WHERE a.account = fee_is_unread.account
        AND a.amends = fee_is_unread.identity
    ORDER BY a.amended_at DESC, a.identity DESC
    LIMIT 1
) IS NULL
AND NOT EXISTS (
    SELECT 1
    FROM pms.find_entry(fee_is_unread.account, fee_is_unread.identity) e
    CROSS JOIN LATERAL (
        SELECT coalesce(
            CASE WHEN e.scheme = 'o' THEN pms.order_start(e.identity) END,
            pms.order_at(e.account, e.asset, e.order_id, e.executed_at, NULL)
        ) AS start
    ) o
    CROSS JOIN LATERAL pms.entries_of_order(e.account, e.order_id) t
    WHERE t.scheme = 'o'
        AND t.id > e.id
        AND coalesce(t.fee_native, t.fee) <> 0
        AND (t.asset, t.leg) = (e.asset, e.leg)
        AND coalesce(
            pms.order_start(t.identity),
            pms.order_at(t.account, t.asset, t.order_id, t.executed_at, NULL)
        ) IS NOT DISTINCT FROM o.start
)
$$;

COMMENT ON FUNCTION pms.fee_is_unread IS
$$Whether an entry still lacks the fee that its message should have given

A bust settles it, so does the newest correction when it gives a fee, and a later total of the same
order that has one: it counts the fees of all fills of the order.$$;

CREATE OR REPLACE FUNCTION pms.flag_unread_fees(events pms.order_event[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.raise_reviews(ARRAY(
        SELECT (
            e.account, e.asset, e.mode, e.leg, 'unread_fee', e.identity, e.detail
        )::pms.review
        FROM unnest(flag_unread_fees.events) e
        WHERE e.outcome IS NULL
            AND e.reason = 'unread_fee'
            AND pms.fee_is_unread(e.account, e.identity)
    ));
END
$$;

COMMENT ON FUNCTION pms.flag_unread_fees IS $$Flag the legs of fills that count without their fee

events: classified, and posted.$$;

CREATE OR REPLACE FUNCTION pms.settle_unread_fees(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM unnest(settle_unread_fees.keys) k
        INNER JOIN pms.reviews v
            ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE v.code = 'unread_fee'
            AND NOT pms.fee_is_unread(v.account, v.source)
    ));
END
$$;

COMMENT ON FUNCTION pms.settle_unread_fees IS
'Take back the reasons for review of fees that are known now. The legs must be locked.';
