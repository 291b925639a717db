CREATE OR REPLACE FUNCTION pms.review_remedies()
RETURNS TABLE (code text, remedy text)
LANGUAGE sql
IMMUTABLE
AS $$
VALUES
-- {source} stands for the source of the reason.
('size_differs', 'discrepancies accept or dismiss {source}, or a report of the venue that agrees'),
('average_differs', 'discrepancies accept or dismiss {source}, or a report of the venue that agrees'),
('unexplained_position', 'discrepancies accept or dismiss {source}, or the fills that explain it'),
('row_differs', 'validate, which rebuilds the row, or discrepancies dismiss {source}'),
('checkpoint_differs', 'validate, which rebuilds the checkpoint, or discrepancies dismiss {source}'),
('rule_broken', 'bust or correct the wrong fill, or discrepancies dismiss {source}'),
('wrong_side', 'record, bust or correct a fill, so that the leg is back on its side'),
('rejected_message', 'dead-letters retry or drop {source}'),
('rejected_report', 'the next report of the venue, or dead-letters retry or drop {source}'),
(
    'identity_conflict',
    'fills correct with the received values, or none; then dead-letters drop {source}'
),
(
    'mode_mismatch',
    'move-fills --to {source}, or a report of the venue in the mode of the fills'
),
('suspected_repeat', 'repeats count or drop {source}'),
('inconsistent_total', 'bust or correct {source}, or a consistent total of the order'),
('unread_fee', 'correct the fee of {source}'),
('unread_report', 'the next report of the venue that can be read'),
('assumed_instrument', 'instruments define'),
('unconverted_fee', 'record a price of the currency of the fee, or correct the fee'),
('stale_rates', 'record a new price of the settlement currency'),
('held_price', 'the next price, or record one'),
('unknown_close', 'correct {source} with a price, or send the fill that closed the position')
$$;

COMMENT ON FUNCTION pms.review_remedies IS $$The reasons for review, and what settles each

A reason without a remedy cannot be raised. The commands are those of the command line, without its
name.$$;

CREATE OR REPLACE FUNCTION pms.review_remedy(code text, source text)
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT replace(r.remedy, '{source}', review_remedy.source)
FROM pms.review_remedies() r
WHERE r.code = review_remedy.code
$$;

COMMENT ON FUNCTION pms.review_remedy IS 'What settles a reason for review, in words.';

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
        WHERE r.code NOT IN (SELECT k.code FROM pms.review_remedies() k)
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
