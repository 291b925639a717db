CREATE OR REPLACE FUNCTION pms.mode_mismatch(
    account text,
    asset text,
    OUT held_mode text,
    OUT reported_mode text
)
RETURNS SETOF record
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT m.held_mode, m.reported_mode
FROM (VALUES ('one-way', 'hedge'), ('hedge', 'one-way')) m (held_mode, reported_mode)
WHERE EXISTS (
    SELECT 1
    FROM pms.positions p
    WHERE p.account = mode_mismatch.account
        AND p.asset = mode_mismatch.asset
        AND p.mode = m.held_mode
        AND p.size <> 0
)
AND EXISTS (
    SELECT 1
    FROM pms.venue_positions v
    WHERE v.account = mode_mismatch.account
        AND v.asset = mode_mismatch.asset
        AND v.mode = m.reported_mode
        AND v.size <> 0
)
AND NOT EXISTS (
    SELECT 1
    FROM pms.venue_positions v
    WHERE v.account = mode_mismatch.account
        AND v.asset = mode_mismatch.asset
        AND v.mode = m.held_mode
        AND v.size <> 0
)
$$;

COMMENT ON FUNCTION pms.mode_mismatch IS
$$The two modes of an asset that the ledger holds in one mode and the venue reports in the other

No row when they agree. A venue has one mode for an asset: both are about the same position.$$;

CREATE OR REPLACE FUNCTION pms.mode_reviews(keys pms.leg_key[])
RETURNS pms.review[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT (
        a.account, a.asset, l.mode, l.leg, 'mode_mismatch', m.reported_mode,
        format('the fills are %s, the venue reports %s', m.held_mode, m.reported_mode)
    )::pms.review
    FROM (SELECT DISTINCT k.account, k.asset FROM unnest(mode_reviews.keys) k) a
    CROSS JOIN LATERAL pms.mode_mismatch(a.account, a.asset) m
    CROSS JOIN LATERAL (
        SELECT p.mode, p.leg
        FROM pms.positions p
        WHERE p.account = a.account
            AND p.asset = a.asset
            AND p.mode = m.held_mode
            AND p.size <> 0
        UNION ALL
        SELECT v.mode, v.leg
        FROM pms.venue_positions v
        WHERE v.account = a.account
            AND v.asset = a.asset
            AND v.mode = m.reported_mode
            AND v.size <> 0
    ) l
)
$$;

COMMENT ON FUNCTION pms.mode_reviews IS
$$The legs that pms.mode_mismatch concerns, each with the reason

keys: legs of the assets to look at.$$;

CREATE OR REPLACE FUNCTION pms.legs_to_review_by_mode(keys pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
    FROM unnest(pms.mode_reviews(legs_to_review_by_mode.keys)) r
    UNION
    SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
    FROM (SELECT DISTINCT k.account, k.asset FROM unnest(legs_to_review_by_mode.keys) k) a
    INNER JOIN pms.reviews v
        ON a.account = v.account AND a.asset = v.asset AND v.code = 'mode_mismatch'
)
$$;

COMMENT ON FUNCTION pms.legs_to_review_by_mode IS
'The legs that pms.review_modes may flag or clear; lock them first.';

CREATE OR REPLACE FUNCTION pms.review_modes(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_found CONSTANT pms.review[] := pms.mode_reviews(keys);
BEGIN
    PERFORM pms.raise_reviews(v_found);
    PERFORM pms.settle_reviews(ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg, v.code, v.source, NULL)::pms.review
        FROM (SELECT DISTINCT k.account, k.asset FROM unnest(keys) k) a
        INNER JOIN pms.reviews v
            ON a.account = v.account AND a.asset = v.asset AND v.code = 'mode_mismatch'
        WHERE NOT EXISTS (
            SELECT 1
            FROM unnest(v_found) f
            WHERE (f.account, f.asset, f.mode, f.leg, f.source)
                = (v.account, v.asset, v.mode, v.leg, v.source)
        )
    ));
END
$$;

COMMENT ON FUNCTION pms.review_modes IS
$$Flag the legs of assets whose fills and reports have different modes, and no others

keys: legs of the assets. All legs of pms.legs_to_review_by_mode must be locked.$$;
