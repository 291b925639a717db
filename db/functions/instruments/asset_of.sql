-- One statement, so that it is inlined: a batch asks once whether there is an alias at all.
CREATE OR REPLACE FUNCTION pms.unaliased(name text)
RETURNS TABLE (asset text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT CASE
    WHEN (SELECT TRUE FROM pms.instrument_aliases LIMIT 1)
        THEN coalesce(
                (SELECT a.asset FROM pms.instrument_aliases a WHERE a.alias = unaliased.name),
                unaliased.name
            )
    ELSE unaliased.name
END
$$;

COMMENT ON FUNCTION pms.unaliased IS
'The asset that a name stands for, which is written as pms.asset_name has it.';

CREATE OR REPLACE FUNCTION pms.asset_of(literal text)
RETURNS TABLE (asset text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT u.asset FROM pms.unaliased(pms.asset_name(asset_of.literal)) u
$$;

COMMENT ON FUNCTION pms.asset_of IS $$The asset that a name stands for, in any case

What an alias stands for; any other name is an asset itself. Every feed and every argument is read
here, so that an instrument has one name behind it.$$;
