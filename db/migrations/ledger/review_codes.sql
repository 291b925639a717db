BEGIN;

-- A code of its own for each kind of discrepancy.
UPDATE pms.reviews
SET
    code = CASE code
        WHEN 'size' THEN 'size_differs'
        WHEN 'average_price' THEN 'average_differs'
        WHEN 'adoption' THEN 'unexplained_position'
        WHEN 'stored_row' THEN 'row_differs'
        WHEN 'checkpoint' THEN 'checkpoint_differs'
        WHEN 'rule' THEN 'rule_broken'
    END
WHERE code IN ('size', 'average_price', 'adoption', 'stored_row', 'checkpoint', 'rule');

INSERT INTO pms.reviews (account, asset, mode, leg, code, source, detail, raised_at)
SELECT
    u.account,
    u.asset,
    u.mode,
    u.leg,
    'unconverted_fee' AS code,
    'fees' AS source,
    'no rate is known for the currency of its fees' AS detail,
    now() AS raised_at
FROM pms.unconverted_fees u
WHERE u.fees > 0;

-- A leg that has nothing but a reason is shown as well.
UPDATE pms.positions p
SET needs_review = TRUE, version = greatest(p.version, 1)
FROM pms.reviews r
WHERE (p.account, p.asset, p.mode, p.leg) = (r.account, r.asset, r.mode, r.leg)
    AND (NOT p.needs_review OR p.version = 0);

COMMIT;
