-- Names of collations have hyphens.
-- noqa: disable=RF05

-- pms.account_name and pms.asset_name are one expression each, so that PostgreSQL inlines them into
-- the statement that checks a batch. Names of ASCII, which nearly all are, need no table of
-- Unicode; the others have functions of their own, so that the expressions stay short. The
-- collations are named, so that a name is the same one in every database.
CREATE OR REPLACE FUNCTION pms.composed_account(literal text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN normalize(btrim(literal, ' '), nfc);
END
$$;

COMMENT ON FUNCTION pms.composed_account IS
'pms.account_name of a name that is not of visible ASCII characters.';

CREATE OR REPLACE FUNCTION pms.account_name(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN literal ~ '^[!-~]+$' THEN literal
    ELSE pms.composed_account(pms.unless_blank(literal))
END;

COMMENT ON FUNCTION pms.account_name IS $$The name of an account as it is stored; null when blank

Composed (NFC), without blanks around it; the case stays. pms.check_account checks the result.$$;

-- pms.check_request calls it as the role that PostgREST begins with.
GRANT EXECUTE ON FUNCTION pms.account_name TO pms_anon;
GRANT EXECUTE ON FUNCTION pms.composed_account TO pms_anon;

CREATE OR REPLACE FUNCTION pms.composed_asset(literal text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
STRICT
PARALLEL SAFE
AS $$
BEGIN
    RETURN normalize(
        upper(normalize(btrim(literal, ' '), nfc) COLLATE "und-x-icu")
        COLLATE "default",
        nfc
    );
END
$$;

COMMENT ON FUNCTION pms.composed_asset IS
'pms.asset_name of a symbol that is not of visible ASCII characters.';

CREATE OR REPLACE FUNCTION pms.asset_name(literal text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN literal ~ '^[!-~]+$' THEN upper(literal COLLATE "C") COLLATE "default"
    ELSE pms.composed_asset(pms.unless_blank(literal))
END;

COMMENT ON FUNCTION pms.asset_name IS $$The symbol of an asset as it is stored; null when blank

In upper case, composed (NFC), without blanks around it. A currency is an asset. pms.check_asset
checks the result.$$;

CREATE OR REPLACE FUNCTION pms.has_api_key(literal text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN literal ~* 'pms_[a-z0-9-]{1,32}_' COLLATE "C";

COMMENT ON FUNCTION pms.has_api_key IS $$Whether a text contains what looks like an API key

In any letter case. Such a text is not stored: others could read it.$$;

CREATE OR REPLACE FUNCTION pms.is_name(name text)
RETURNS boolean
-- Not SQL, which would be inlined, and costs each message more than it is worth.
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN length(name) BETWEEN 1 AND 64
        -- A key is longer than this.
        AND (length(name) <= 32 OR NOT pms.has_api_key(name))
        AND name IS NFC NORMALIZED
        AND name ~ '[[:alnum:]]' COLLATE "und-x-icu"
        -- The ranges are those of the marks that belong to letters.
        AND name ~ (
            '^(?:[[:alnum:]._:/@=^&+# -]|[\u0300-\u036f\u0483-\u0489\u0591-\u06ed\u0711-\u109d'
            '\u135d-\u135f\u1712-\u1773\u17b6-\u17d3\u17dd\u1885-\u1dff\u20d0-\u20f0\u2cef-\u2cf1'
            '\u2d7f-\u2dff\u302a-\u302f\u3099-\u309a\ua66f-\uabed\ufb1e\ufe20-\ufe2f'
            '\U000101fd-\U00011ef6\U00016af0-\U00016ff1\U0001e000-\U0001e94a])*$'
        ) COLLATE "und-x-icu"
        -- Nor what is no letter or mark within the ranges, nor letters and marks that show nothing.
        AND name !~ (
            '^ | $|[^[:graph:] ]|(?![._:/@=^&+#-])[[:punct:]]'
            '|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0]'
        ) COLLATE "und-x-icu";
END
$$;

COMMENT ON FUNCTION pms.is_name IS $$Whether a text can name an account or an asset

1 to 64 letters and digits of any script and . _ - : / @ = ^ & + # and blanks within, at least one a
letter or a digit. No control characters, none that show nothing or change the order of reading, and
no quotes: a name needs no escapes in JSON. No API key: names are shown to everyone.$$;

CREATE OR REPLACE FUNCTION pms.name_range()
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN '1 to 64 letters, digits, blanks within or . _ - : / @ = ^ & + #';
END
$$;

COMMENT ON FUNCTION pms.name_range IS 'The range of a name, to follow "must be"; see pms.is_name.';

CREATE OR REPLACE FUNCTION pms.name_objection(name text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
PARALLEL SAFE
AS $$
BEGIN
    RETURN CASE WHEN name IS NULL THEN 'missing; must be ' ELSE 'must be ' END || pms.name_range();
END
$$;

COMMENT ON FUNCTION pms.name_objection IS 'The objection to a name that is none, or missing.';

CREATE OR REPLACE FUNCTION pms.check_account(account text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN account ~ '^[A-Za-z0-9][A-Za-z0-9._:/@=^&+#-]*$'
        -- A longer name with a _ may be an API key.
        AND (length(account) <= 32 OR length(account) <= 64 AND strpos(account, '_') = 0)
        THEN NULL
    WHEN NOT pms.is_name(account) THEN pms.name_objection(account)
END;

COMMENT ON FUNCTION pms.check_account IS
'Why a name of an account, as pms.account_name returns it, is invalid, or null.';

CREATE OR REPLACE FUNCTION pms.check_asset(asset text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN CASE
    WHEN asset ~ '^[A-Z0-9][A-Z0-9._:/@=^&+#-]*$'
        -- A longer name with a _ may be an API key.
        AND (length(asset) <= 32 OR length(asset) <= 64 AND strpos(asset, '_') = 0)
        THEN NULL
    WHEN pms.is_name(asset) AND asset = pms.composed_asset(asset) THEN NULL
    ELSE pms.name_objection(asset)
END;

COMMENT ON FUNCTION pms.check_asset IS
'Why the symbol of an asset, as pms.asset_name returns it, is invalid, or null.';

CREATE OR REPLACE FUNCTION pms.position_path(account text, asset text, mode text)
RETURNS text
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN replace(account, '/', '%2F') || '/' || replace(asset, '/', '%2F') || '/' || mode;

COMMENT ON FUNCTION pms.position_path IS $$account/asset/mode: a position as one text

A / within a name is %2F: no name has a %, so no two positions have the same path.$$;

CREATE OR REPLACE FUNCTION pms.is_demo(account text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
RETURN account LIKE 'demo-%';

COMMENT ON FUNCTION pms.is_demo IS 'Whether an account has a name that is kept for the demo.';
