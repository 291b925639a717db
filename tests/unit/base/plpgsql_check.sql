-- plpgsql_check finds no error and no warning in any function.
\set ON_ERROR_STOP on
-- Before the first call of a PL/pgSQL function in the session: plpgsql_check 2.8 requires it.
LOAD 'plpgsql_check';
BEGIN;
SELECT * FROM no_plan();

SELECT is_empty(
    format(
        'SELECT * FROM plpgsql_check_function(%L::regprocedure, %L::regclass)',
        p.oid::regprocedure,
        CASE WHEN p.prorettype = 'trigger'::regtype THEN 'compat.positions' ELSE '-' END
    ),
    p.oid::regprocedure || ' is clean'
)
FROM pg_proc p
INNER JOIN pg_language l ON p.prolang = l.oid
WHERE l.lanname = 'plpgsql'
    AND p.pronamespace = ANY ('{api,pms,compat}'::regnamespace[]);

SELECT * FROM finish();
ROLLBACK;
