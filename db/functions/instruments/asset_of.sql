-- One statement, so that it is inlined: a batch asks once whether there is an alias at all.
CREATE OR REPLACE FUNCTION pms.asset_of(literal text)
RETURNS TABLE (asset text)
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT CASE
    WHEN (SELECT TRUE FROM pms.instrument_aliases LIMIT 1)
        THEN coalesce(
                (
                    SELECT a.asset
                    FROM pms.instrument_aliases a
                    WHERE a.alias = pms.asset_name(asset_of.literal)
                ),
                pms.asset_name(asset_of.literal)
            )
    ELSE pms.asset_name(asset_of.literal)
END
$$;

COMMENT ON FUNCTION pms.asset_of IS $$The asset that a name stands for, in any case

What an alias stands for; any other name is an asset itself. Every feed and every argument is read
here, so that an instrument has one name behind it.$$;
