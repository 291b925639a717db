-- Which names a query below /rest/ may use, in the grammar of PostgREST.
\set ON_ERROR_STOP on
BEGIN;
SELECT * FROM no_plan();

CREATE FUNCTION pg_temp.objection(query text) RETURNS text
LANGUAGE sql AS $$
SELECT c.objection FROM pms.check_names('/fills', query) c
$$;

SELECT is(pg_temp.objection(a.query), NULL, 'allowed: ' || a.query)
FROM (
    VALUES
    (''), ('select'), ('select='), ('select=*'), ('limit=1&offset=2'), ('select=id,asset,price'),
    ('select=p:price,price::text,q:quantity::text'), ('select=%20p%3Aprice%20%2C+id'),
    ('select=trace_id->a->>b,x:trace_id->0::text'), ('select=fills!inner(id,price),x:fills(*)'),
    ('select=...fills(id)&fills.order=id&fills.limit=1&fills.price=gt.1&fills.or=(id.eq.1)'),
    ('order=id'), ('order=id.desc,price.asc.nullslast,trace_id->a.desc'),
    ('select=fills(id)&order=fills(price).desc.nullsfirst,id'),
    ('account=eq.json_agg'), ('id=in.(1,2)&account=in.("json_agg(x)",b)'),
    ('trace_id->>a=eq.1&trace_id=not.like.*x*'), ('price=gt.1;price=lt.json_agg'),
    ('and=(price.gt.1,or(id.eq.1,not.and(id.gt.2,id.lt.9)))&not.or=(id.eq.1,id.eq.2)'),
    ('or=(account.eq."a,json_agg.eq.1",account.in.(a,"b)",c),trace_id.like(any).{*a*,*b*})'),
    ('or=( account.not.in.(a,b) , trace_id.not.is.null,trace_id->x->>y.eq.1)'),
    ('trace_id=match.^a(b|c)+$&or=(trace_id.imatch."x\\d",trace_id.fts(english).a)'),
    ('columns=json_agg&on_conflict=json_agg')
) a (query);

SELECT is(
    pg_temp.objection(r.query),
    'column fills.' || r.name || ' does not exist',
    'refused: ' || r.query
)
FROM (
    VALUES
    ('select=json_agg', 'json_agg'), ('select=id,a0:json_agg,a1:json_agg', 'json_agg'),
    ('select=json%5Fagg::text', 'json_agg'), ('select=id, to_jsonb ->a', 'to_jsonb'),
    ('select=count', 'count'), ('select=size.sum()', 'size.sum'),
    ('select="json_agg"', '"json_agg"'), ('select=x:"id"', 'x:"id"'),
    ('select=fills(id,row_to_json)', 'row_to_json'), ('select=json_agg->"x(",id', 'json_agg->"x'),
    ('select=id->"a,b",hash_record,c->"d"', 'b"'), ('select=id&select=json_agg', 'json_agg'),
    ('order=json_agg', 'json_agg'), ('order=id.desc,quote_literal.asc', 'quote_literal'),
    ('order=id->"a,b".desc,x', 'b".desc'), ('fills.order=array_agg', 'array_agg'),
    ('select=fills(id)&order=fills(json_agg)', 'json_agg'),
    ('json_agg=eq.1', 'json_agg'), ('count->x=gt.1', 'count'), ('fills.json_agg=eq.1', 'json_agg'),
    ('json_agg!x.id=eq.1', 'json_agg!x.id'), ('select=json_agg)%00', '?'), ('json_agg%00=eq.1', '?'),
    ('"json_agg"=eq.1', '"json_agg"'),
    ('id=eq.1;json_agg=eq.1', 'json_agg'), ('%6Ason_agg=eq.1', 'json_agg'),
    ('or=(id.eq.1,json_agg.eq.1)', 'json_agg'), ('and=(or(not.and(to_json.eq.1)))', 'to_json'),
    ('or=(id.in.("a),json_agg.eq.1,id.in.("b))', 'json_agg'),
    ('or=(id.in.("a"x,b),json_agg.eq.1)', 'json_agg'),
    ('or=(id.eq."a"b,json_agg.eq.","x)', 'json_agg'), ('or=(id.eq.{{a,json_agg.eq.1)', 'json_agg'),
    ('or=(id.eq.{a},json_agg.eq.{b})', 'json_agg'), ('or=("json_agg".eq.1)', '"json_agg".eq.1)'),
    ('or=dered_set_transition.eq.1', 'dered_set_transition.eq.1'),
    ('not.or=(id.eq.1,json_agg.is.null)', 'json_agg')
) r (query, name);

SELECT is(
    pg_temp.objection(p.query), 'a regular expression must not refer back', 'refused: ' || p.query
)
FROM (
    VALUES
    ('trace_id=match.(a)\1'), ('trace_id=not.imatch.(a)(b)\2'), ('trace_id=match(any).{(a)\1}'),
    ('trace_id=match.(a)%5C1'), ('or=(trace_id.match."(a)\\1",id.eq.1)'),
    ('and=(trace_id.not.imatch."(a)\1")'), ('or=(trace_id.match(all)."{(a)\\\1}")')
) p (query);

SELECT is(
    (SELECT c.objection FROM pms.check_names('/rpc/get_positions', 'account=a&page_limit=1') c),
    NULL,
    'the arguments of a function are known'
);
SELECT is(
    (SELECT c.objection FROM pms.check_names('/rpc/get_metrics', 'select=json_agg') c),
    'column get_metrics.json_agg does not exist',
    'a function without columns and arguments has no names'
);
SELECT is(
    (SELECT c.objection FROM pms.check_names('/nothing', 'select=json_agg') c),
    NULL,
    'what does not exist is for PostgREST to refuse'
);

SELECT is_empty(
    $$
    SELECT p.path, n.name
    FROM (
        SELECT '/' || c.relname FROM pg_class c WHERE c.relnamespace = 'api'::regnamespace
        UNION ALL
        SELECT '/rpc/' || f.proname FROM pg_proc f WHERE f.pronamespace = 'api'::regnamespace
    ) p (path)
    CROSS JOIN LATERAL unnest(pms.published_names(p.path)) n (name)
    INNER JOIN pg_proc g ON g.proname = n.name
    WHERE g.pronamespace IN ('pg_catalog'::regnamespace, 'api'::regnamespace)
        -- Such as mode() WITHIN GROUP (ORDER BY …), which takes no row.
        AND NOT EXISTS (SELECT 1 FROM pg_aggregate a WHERE a.aggfnoid = g.oid AND a.aggkind <> 'n')
        AND g.proargtypes[0] IN (
            'record'::regtype, '"any"'::regtype, 'anyelement'::regtype, 'anynonarray'::regtype,
            'anycompatible'::regtype, 'anycompatiblenonarray'::regtype
        )
    $$,
    'no published name is also a function over rows, so that one view may use the names of another'
);

-- A request below /rest/, from the role that PostgREST begins with.
CREATE FUNCTION pg_temp.check_query(key text, query text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    v_found text;
BEGIN
    PERFORM
        set_config('request.method', 'GET', TRUE),
        set_config('request.path', '/fills', TRUE),
        set_config(
            'request.headers', jsonb_build_object('x-api-key', key, 'x-query', query)::text, TRUE
        );
    SET LOCAL ROLE pms_anon;
    PERFORM pms.check_query();
    SELECT concat_ws(
        ' ',
        current_user,
        current_setting('statement_timeout'),
        current_setting('max_parallel_workers_per_gather')
    )
    INTO v_found;
    RESET ROLE;
    RETURN v_found;
END
$$;

INSERT INTO pms.api_keys (id, digest, handle, role, name)
SELECT r.role, sha256(r.role::bytea), r.role, r.role, 'test'
FROM (VALUES ('reader'), ('trader'), ('operator')) r (role);

INSERT INTO pms.api_keys (id, digest, handle, role, name, account_scope)
VALUES ('bound', sha256('bound'::bytea), 'bound', 'reader', 'test', '{alpha}');

SELECT is(
    pg_temp.check_query('reader', 'select=id'),
    'pms_reader 3s 0',
    'a reader has 3 seconds and one processor'
);
SELECT is(
    pg_temp.check_query('bound', 'select=id'),
    'pms_reader_bound 3s 0',
    'so has a reader that is bound to accounts'
);
SELECT is(
    pg_temp.check_query('trader', NULL), 'pms_trader 10s 0', 'a trader has 10 seconds'
);
SELECT throws_ok(
    $$ SELECT pg_temp.check_query('operator', 'select=json_agg') $$,
    'PT400', 'column fills.json_agg does not exist',
    'a name that is no column is refused'
);
SELECT throws_ok(
    $$ SELECT pg_temp.check_query('nobody', 'select=json_agg') $$,
    'PGRST', NULL,
    'a wrong key is refused first'
);

SELECT * FROM finish();
ROLLBACK;
