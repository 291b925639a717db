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

COMMIT;
