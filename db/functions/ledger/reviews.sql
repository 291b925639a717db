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
