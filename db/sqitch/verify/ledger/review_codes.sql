SELECT 1 / (count(*) = 0)::integer
FROM pms.reviews
WHERE code IN ('size', 'average_price', 'adoption', 'stored_row', 'checkpoint', 'rule');
