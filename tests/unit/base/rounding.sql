-- Division rounds once, half away from zero.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

SELECT results_eq(
    $$ SELECT pms.div_round(d.numerator, d.denominator, 2)::text
       FROM (
           VALUES
           (1, 8), (-1, 8), (1, -8), (-1, -8),
           (0.005, 1), (0.00499999999999999999999999999999, 1), (-0.005, 1), (2, 3), (0, -7)
       ) d (numerator, denominator) $$,
    ARRAY['0.13', '-0.13', '-0.13', '0.13', '0.01', '0.00', '-0.01', '0.67', '0.00'],
    'a half is rounded away from zero, and nothing below it'
);

SELECT setseed(0.5);
CREATE TEMP TABLE divided AS
SELECT
    n.numerator,
    n.denominator,
    pms.div_round(n.numerator, n.denominator, 12) AS quotient
FROM (
    SELECT
        ((random() - 0.5) * 1e12)::numeric * pow(10::numeric, floor(random() * 60 - 40)::integer)
            AS numerator,
        ((random() - 0.5) * 1e12)::numeric * pow(10::numeric, floor(random() * 30 - 20)::integer)
            AS denominator
    FROM generate_series(1, 2000)
    UNION ALL
    -- Ties.
    SELECT
        (2 * g.number + 1) * 0.0000000000005 * d.denominator AS numerator,
        d.denominator
    FROM generate_series(-500, 500) g (number)
    CROSS JOIN (VALUES (3::numeric), (-0.7), (123456789.000000000000000001)) d (denominator)
) n
WHERE n.denominator <> 0;

SELECT is_empty(
    $$ SELECT d.* FROM divided d
       WHERE 2 * abs(d.numerator - d.quotient * d.denominator) > abs(d.denominator) * 1e-12
           OR scale(d.quotient) <> 12 $$,
    'the quotient is the nearest with 12 places'
);
SELECT is_empty(
    $$ SELECT d.* FROM divided d
       WHERE 2 * abs(d.numerator - d.quotient * d.denominator) = abs(d.denominator) * 1e-12
           AND abs(d.quotient * d.denominator) < abs(d.numerator) $$,
    'and of two equally near ones that farther from zero'
);

SELECT * FROM finish();
ROLLBACK;
