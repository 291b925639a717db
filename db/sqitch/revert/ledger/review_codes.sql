BEGIN;

UPDATE pms.reviews
SET
    code = CASE code
        WHEN 'size_differs' THEN 'size'
        WHEN 'average_differs' THEN 'average_price'
        WHEN 'unexplained_position' THEN 'adoption'
        WHEN 'row_differs' THEN 'stored_row'
        WHEN 'checkpoint_differs' THEN 'checkpoint'
        WHEN 'rule_broken' THEN 'rule'
    END
WHERE code IN (
        'size_differs', 'average_differs', 'unexplained_position', 'row_differs',
        'checkpoint_differs', 'rule_broken'
    );

COMMIT;
