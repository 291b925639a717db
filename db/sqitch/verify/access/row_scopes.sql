SELECT 1 / count(*)
FROM pg_class c
INNER JOIN pg_policy p ON c.oid = p.polrelid
WHERE c.oid = 'pms.voids'::regclass
    AND c.relrowsecurity
    AND p.polname = 'in_scope';
