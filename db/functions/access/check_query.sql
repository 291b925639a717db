CREATE OR REPLACE FUNCTION pms.published_names(path text)
RETURNS text[]
LANGUAGE sql
STABLE
AS $$
WITH published AS (
    SELECT
        pg_catalog.to_regclass(
            'api.' || pg_catalog.quote_ident(ltrim(published_names.path, '/'))
        )::oid AS relation,
        NULL::text[] AS arguments
    UNION ALL
    SELECT
        t.typrelid AS relation,
        f.proargnames AS arguments
    FROM pg_catalog.pg_proc f
    INNER JOIN pg_catalog.pg_namespace n ON f.pronamespace = n.oid
    INNER JOIN pg_catalog.pg_type t ON f.prorettype = t.oid
    WHERE n.nspname = 'api'
        AND f.proname = substring(published_names.path FROM '^/rpc/(.+)$')
)

SELECT coalesce(array_agg(named.name) FILTER (WHERE named.name IS NOT NULL), '{}')
FROM published p
LEFT JOIN LATERAL (
    SELECT a.attname::text AS name
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = p.relation
        AND a.attnum > 0
        AND NOT a.attisdropped
    UNION ALL
    SELECT unnest(p.arguments) AS name
) named ON TRUE
WHERE p.relation IS NOT NULL
HAVING count(*) > 0
$$;

COMMENT ON FUNCTION pms.published_names IS
$$The names that a query may use: columns of a view, or columns and arguments of a function

path as PostgREST has it. Null for an object that does not exist.$$;

CREATE OR REPLACE FUNCTION pms.names_of_fields(fields text, OUT names text[], OUT relations text[])
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_field text;
    v_end text;
    v_found text[];
BEGIN
    names := '{}';
    relations := '{}';

    FOR v_field, v_end IN
        SELECT m.part[1], m.part[2]
        FROM regexp_matches(names_of_fields.fields, '([^,()]*)([,()]|$)', 'g') m (part)
    LOOP
        -- alias:name!hint( or ...name(, else alias:name, followed by a path, a cast or an order.
        v_found := CASE WHEN v_end = '(' THEN
            regexp_match(v_field, '^\s*(?:\.\.\.)?(?:[\w $-]+:)?\s*(\w+)\s*(?:!\w+)*\s*$')
        ELSE
            regexp_match(v_field, '^\s*(?:[\w $-]+:(?!:))?\s*(\w*|\*)\s*(?:(?:->|::|\.).*)?$')
        END;

        IF v_found IS NULL THEN
            names := names || v_field;
        ELSIF v_end = '(' THEN
            relations := relations || v_found;
        ELSIF v_found[1] NOT IN ('', '*') THEN
            names := names || v_found;
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.names_of_fields IS
$$The columns and relations that a select or an order names

A part of another form than name, alias:name and relation(…) is among the names as it is, so that no
view has it. That includes quoted names, which no published object needs.$$;

CREATE OR REPLACE FUNCTION pms.names_of_conditions(
    conditions text, OUT names text[], OUT patterns text[]
)
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_rest text := names_of_conditions.conditions;
    v_found text[];
    v_operator text;
    v_value text;
BEGIN
    names := '{}';
    patterns := '{}';

    IF v_rest !~ '^\s*\(' THEN
        names := names || v_rest;
        RETURN;
    END IF;

    LOOP
        v_rest := regexp_replace(v_rest, '^(?:[\s,()]|(?:not\.)?(?:and|or)\s*(?=\())+', '');
        EXIT WHEN v_rest = '';

        v_found := regexp_match(
            v_rest, '^(\w+)\s*(?:->[^."]*)?\.(?:not\.)?(\w+)(?:\([^()]*\))?\.(.*)$'
        );
        IF v_found IS NULL THEN
            names := names || v_rest;
            RETURN;
        END IF;

        names := names || v_found[1];
        v_operator := v_found[2];
        v_rest := v_found[3];
        IF v_operator = 'in' THEN
            v_rest := regexp_replace(v_rest, '^\s*\(', '');
        END IF;

        -- PostgREST tries these forms of a value in this order, too.
        LOOP
            v_value := coalesce(
                substring(v_rest FROM '^"(?:[^"\\]|\\.)*"(?![^,)])'),
                CASE WHEN v_operator <> 'in' THEN substring(v_rest FROM '^\{[^{}]*\}') END,
                substring(v_rest FROM '^[^,)]*')
            );
            v_rest := substr(v_rest, length(v_value) + 1);
            EXIT WHEN v_operator <> 'in' OR left(v_rest, 1) <> ',';

            v_rest := substr(v_rest, 2);
        END LOOP;

        IF v_operator IN ('match', 'imatch') THEN
            patterns := patterns || v_value;
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.names_of_conditions IS
$$The columns and regular expressions in the value of `and` or `or`

conditions: (name.operator.value,or(…),…), which PostgREST has parsed. What follows a condition of
another form is among the names as it is, so that no view has it.$$;

CREATE OR REPLACE FUNCTION pms.check_names(
    path text, query text, OUT objection text, OUT hint text
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_known text[] := pms.published_names(check_names.path);
    v_used text[] := ARRAY[]::text[];
    v_patterns text[] := ARRAY[]::text[];
    v_parameter text;
    v_name text;
    v_value text;
    v_last text;
    parsed record;
BEGIN
    -- PostgREST splits at both.
    FOREACH v_parameter IN ARRAY regexp_split_to_array(check_names.query, '[&;]') LOOP
        CONTINUE WHEN v_parameter !~ '=';

        -- Bytes that are no text are no name either.
        v_name := coalesce(pms.url_decode(split_part(v_parameter, '=', 1)), '?');
        v_value := substr(v_parameter, strpos(v_parameter, '=') + 1);
        IF v_value <> '' THEN
            v_value := coalesce(pms.url_decode(v_value), '?');
        END IF;
        v_last := substring(v_name FROM '[^.]*$');
        IF v_name = 'select' THEN
            parsed := pms.names_of_fields(v_value);
            v_used := v_used || parsed.names;
            FOREACH v_name IN ARRAY parsed.relations LOOP
                v_known := v_known || pms.published_names('/' || v_name);
            END LOOP;
        ELSIF v_last = 'order' THEN
            parsed := pms.names_of_fields(v_value);
            v_used := v_used || parsed.names;
        ELSIF v_last IN ('and', 'or') THEN
            parsed := pms.names_of_conditions(v_value);
            v_used := v_used || parsed.names;
            v_patterns := v_patterns || parsed.patterns;
        ELSIF v_last NOT IN ('limit', 'offset') AND v_name NOT IN ('columns', 'on_conflict') THEN
            -- relation.name->path; any other name as it is.
            v_used := v_used || coalesce(
                substring(v_name FROM '^\s*(?:\w+\s*\.\s*)*(\w+)\s*(?:->.*)?$'), v_name
            );
            v_patterns := v_patterns || substring(v_value FROM '^(?:not\.)?i?match[.(](.*)$');
        END IF;
    END LOOP;

    SELECT u.name INTO v_name FROM unnest(v_used) u (name) WHERE u.name <> ALL (v_known) LIMIT 1;
    IF FOUND THEN
        objection := format(
            'column %s.%s does not exist', substring(check_names.path FROM '[^/]*$'), v_name
        );
        hint := 'Known are ' || nullif(array_to_string(v_known, ', '), '') || '.';
    ELSIF EXISTS (SELECT 1 FROM unnest(v_patterns) p (pattern) WHERE p.pattern ~ '\\[1-9]') THEN
        objection := 'a regular expression must not refer back';
        hint := 'Leave out \1 to \9.';
    END IF;
END
$$;

COMMENT ON FUNCTION pms.check_names IS
$$The fault in the query of a request, with a hint; null if there is none

In PostgreSQL view.name is also name(view): a name that is no column may be a function over whole
rows, such as json_agg. A pattern that refers back takes exponential time. query: in valid
percent-encoded UTF-8, which the gateway checks, and in a form that PostgREST has parsed.$$;

-- pms.check_query calls it as the role that PostgREST begins with. It reads the catalog alone.
GRANT EXECUTE ON FUNCTION pms.check_names TO pms_anon;

-- SECURITY INVOKER: a definer function may not change the role.
CREATE OR REPLACE FUNCTION pms.check_query()
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_query text := current_setting('request.headers')::jsonb ->> 'x-query';
    v_objection text;
    v_hint text;
BEGIN
    -- Before the role changes: that of a key cannot call it. A wrong key is refused first.
    IF v_query IS NOT NULL THEN
        SELECT c.objection, c.hint
        INTO v_objection, v_hint
        FROM pms.check_names(current_setting('request.path'), v_query) c;
    END IF;
    PERFORM pms.check_request();

    IF v_objection IS NOT NULL THEN
        RAISE SQLSTATE 'PT400' USING MESSAGE = v_objection, HINT = v_hint;
    END IF;

    -- One query takes one processor, and that of a reader not for long.
    PERFORM set_config('max_parallel_workers_per_gather', '0', TRUE);
    IF current_setting('role') IN ('pms_reader', 'pms_reader_bound') THEN
        PERFORM set_config('statement_timeout', '3s', TRUE);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.check_query IS $$Check a request of /rest/, which a client may form freely

As pms.check_request, and the query: the gateway passes it in the header X-Query. Refuses with:
- 401, 403 and 421 as pms.check_request
- 400 when a name in select, order or a condition is no column, or when a regular expression refers
  back$$;

GRANT EXECUTE ON FUNCTION pms.check_query TO pms_anon;
