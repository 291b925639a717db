CREATE OR REPLACE FUNCTION api.position_entries(
    asset text,
    mode text DEFAULT 'one-way',
    account text DEFAULT NULL,
    page_limit integer DEFAULT NULL,
    before bigint DEFAULT NULL
)
RETURNS SETOF pms.explained_entry
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account text := pms.resolve_account(position_entries.account);
    v_asset text := (SELECT n.asset FROM pms.asset_of(position_entries.asset) n);
    v_mode text := lower(position_entries.mode);
    last_seen pms.ledger_entries;
BEGIN
    IF (v_mode IN ('one-way', 'hedge')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown mode',
            DETAIL = format('mode is %L', position_entries.mode),
            HINT = 'A mode is one-way or hedge.';
    END IF;
    IF page_limit < 1 THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'page_limit out of range',
            DETAIL = format('page_limit is %s', page_limit),
            HINT = 'A page has an entry at least; without page_limit, all are listed.';
    END IF;

    IF position_entries.before IS NOT NULL THEN
        SELECT e.*
        INTO last_seen
        FROM pms.ledger_entries e
        WHERE e.id = position_entries.before
            AND e.account = v_account
            AND e.asset = v_asset
            AND e.mode = v_mode;

        IF NOT FOUND THEN
            RAISE SQLSTATE 'PT404' USING
                MESSAGE = 'no such entry',
                DETAIL = format('before is %s', position_entries.before),
                HINT = 'Name the last entry of the page before: an entry of the same position.';
        END IF;
    END IF;

    RETURN QUERY
    SELECT n.*
    FROM pms.explain_entries(
        v_account, v_asset, v_mode, position_entries.page_limit, last_seen
    ) n;
END
$$;

COMMENT ON FUNCTION api.position_entries IS
$$Explain a position: its entries, and its leg after each

Newest first, in the order of events (executed_at, id); of a hedge both legs, each with its own
state. Up to version a row is the entry, as in api.fills; from size on it is what the leg was right
after it, in the settlement currency: average_entry_price, cost, realized (gross), realized_pnl (as
published: less the fees of closing, plus funding), fees_paid, funding. A voided entry stands in its
place and changes nothing: beside it is what the leg was without it. page_limit: the most to
list, without it all; before: the id of an entry, for those before it. No rows: nothing was ever held there.

Refuses with:
- 400 `unknown mode`, `page_limit out of range`
- 403 FORBIDDEN when the key is bound to other accounts
- 404 `no such entry` when before is no entry of this position$$;

GRANT EXECUTE ON FUNCTION api.position_entries
TO pms_reader, pms_trader, pms_operator, pms_analyst;
