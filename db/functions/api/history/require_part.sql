CREATE OR REPLACE FUNCTION pms.require_part(part text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
AS $$
BEGIN
    IF lower(part) NOT IN ('asset', 'account', 'book', 'week', 'month', 'year') THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown part',
            DETAIL = format('part is %L', part),
            HINT = 'A part is asset, account, book, week, month or year.';
    END IF;

    RETURN lower(part);
END
$$;

COMMENT ON FUNCTION pms.require_part IS $$What statistics are made for; null is all together

Refuses with:
- 400 `unknown part`$$;
