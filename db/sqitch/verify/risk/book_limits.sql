SELECT 1 / count(*)
FROM pg_catalog.pg_attrdef d
WHERE d.adrelid = 'pms.limits'::regclass
    AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) LIKE '%book/%';
