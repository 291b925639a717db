CREATE OR REPLACE VIEW pms.standing_reviews AS
SELECT
    r.account, r.asset, r.mode, r.leg, r.code, r.source, r.detail,
    replace(k.remedy, '{source}', r.source) AS remedy,
    r.raised_at
FROM (
    SELECT v.account, v.asset, v.mode, v.leg, v.code, v.source, v.detail, v.raised_at
    FROM pms.reviews v
    UNION ALL
    SELECT
        p.account, p.asset, p.mode, p.leg, 'wrong_side' AS code, p.leg AS source,
        format('the %s leg has size %s', p.leg, pms.decimal_text(p.size)) AS detail,
        p.updated_at AS raised_at
    FROM pms.positions p
    WHERE ((p.leg = 'long' AND p.size < 0) OR (p.leg = 'short' AND p.size > 0))
        -- A strategy may close what another one has opened.
        AND NOT pms.is_book(p.account)
) r
LEFT JOIN pms.review_remedies k ON r.code = k.code;

COMMENT ON VIEW pms.standing_reviews IS $$Every reason why a leg needs review now

Those that are kept, and legs on the wrong side, which are computed.$$;
