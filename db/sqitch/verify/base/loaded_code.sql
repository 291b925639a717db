SELECT kind, name, digest
FROM pms.loaded_code
WHERE FALSE;

SELECT id, statement
FROM pms.detached_statements
WHERE FALSE;
