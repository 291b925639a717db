-- SECURITY DEFINER: as pms.realized_by_entry.
CREATE OR REPLACE FUNCTION pms.book_of_entry(
    account text,
    kind text,
    identity text,
    named text
)
RETURNS text
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF pms.is_action(kind)
        OR NOT EXISTS (SELECT 1 FROM pms.books b WHERE b.account = book_of_entry.account)
    THEN
        RETURN NULL;
    END IF;

    RETURN pms.book_of_fill(account, identity, named);
END
$$;

COMMENT ON FUNCTION pms.book_of_entry IS
$$The book in which an entry of an account counts; null in an account without books

Also null for a corporate action: each book has its own entry of it. identity: as first recorded;
named: the book that the fill named, or null.$$;

-- The views call it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.book_of_entry
TO pms_reader, pms_trader, pms_operator, pms_analyst;
