CREATE OR REPLACE FUNCTION pms.check_item(item jsonb, names jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    -- As a number, 0700 would be another asset.
    c_texts CONSTANT text[] := ARRAY[
        'account', 'asset', 'symbol', 'mode', 'side', 'position_side', 'fee_currency',
        'from_account', 'to_account', 'currency', 'kind'
    ];
    member record;
    v_expected text;
    v_fields text[];
BEGIN
    FOR member IN
        SELECT m.key, jsonb_typeof(m.value) AS kind, names ->> m.key AS field
        FROM jsonb_each(check_item.item) m
    LOOP
        IF member.field IS NULL THEN
            RETURN pms.objection(
                'unknown_field',
                CASE WHEN pms.has_api_key(member.key) THEN '(key)' ELSE left(member.key, 64) END,
                'unknown field'
            );
        END IF;
        CONTINUE WHEN member.kind = 'null';

        v_expected := CASE
            WHEN member.field IN ('order', 'is_dry_run') OR member.kind = 'string' THEN NULL
            WHEN member.field = ANY(c_texts) THEN 'a text'
            WHEN member.field ~ '_?id(entity)?$'
                THEN CASE
                    WHEN member.kind <> 'number' OR item ->> member.key ~ '[.-]'
                        THEN 'a text or a whole number'
                END
            WHEN member.kind <> 'number' THEN 'a text or a number'
        END;
        IF v_expected IS NOT NULL THEN
            RETURN pms.objection('invalid_type', member.key, 'must be ' || v_expected);
        END IF;

        IF member.field = ANY(v_fields) THEN
            RETURN pms.objection(
                'field_given_twice', member.key, 'is another name of a field that is given as well'
            );
        END IF;
        v_fields := v_fields || member.field;
    END LOOP;

    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.check_item IS
'The first objection to the names and types of the fields of an object, or null.';

CREATE OR REPLACE FUNCTION pms.read_items(list jsonb, names jsonb)
RETURNS TABLE (place integer, item jsonb, fields jsonb, objection text)
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        e.place::integer,
        e.item,
        CASE
            WHEN jsonb_typeof(e.item) <> 'object' THEN e.item
            ELSE (
                    SELECT coalesce(jsonb_object_agg(read_items.names ->> m.key, m.value), '{}')
                    FROM jsonb_each(e.item) m
                    WHERE m.value <> 'null'
                        AND read_items.names ? m.key
                )
        END,
        CASE
            WHEN jsonb_typeof(e.item) = 'object' THEN pms.check_item(e.item, read_items.names)
        END
    FROM jsonb_array_elements(read_items.list) WITH ORDINALITY e (item, place);
END
$$;

COMMENT ON FUNCTION pms.read_items IS $$The objects of a list, by the names that messages have

names: the field by each name that a client may give it. An item that is no object is passed on as
it is. objection: as pms.objection writes it, to a field that is unknown, no text or number, or
given under two names.$$;

CREATE OR REPLACE FUNCTION pms.name_as_given(detail text, item jsonb, names jsonb)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
DECLARE
    v_field text := substring(detail FROM '^([a-z_]+):');
    v_name text;
BEGIN
    SELECT n.key
    INTO v_name
    FROM jsonb_each_text(names) n
    WHERE n.value = v_field
    ORDER BY name_as_given.item ? n.key DESC, length(n.key)
    LIMIT 1;

    RETURN coalesce(v_name || substr(detail, length(v_field) + 1), detail);
END
$$;

COMMENT ON FUNCTION pms.name_as_given IS
$$The objection to a field of an item, under the name that the item gives it

Of a field that is not given, under its shortest name, which is the documented one. detail: field:
message. item and names as in pms.read_items.$$;

CREATE OR REPLACE FUNCTION pms.body_fields(
    body bytea,
    names jsonb,
    OUT fields jsonb,
    OUT refusal jsonb
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_body CONSTANT jsonb := pms.parse_body(body);
BEGIN
    IF jsonb_typeof(v_body) = 'object' IS NOT TRUE THEN
        refusal := pms.body_error('an object');
        RETURN;
    END IF;

    SELECT i.fields, pms.field_error(pms.objection_detail(i.objection))
    INTO fields, refusal
    FROM pms.read_items(jsonb_build_array(v_body), names) i;
END
$$;

COMMENT ON FUNCTION pms.body_fields IS
$$The fields of a JSON body that is one object, or why it is refused

names: as of pms.read_items.$$;
