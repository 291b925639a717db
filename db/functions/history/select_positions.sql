CREATE OR REPLACE FUNCTION pms.select_positions(
    as_of timestamptz,
    known_at timestamptz,
    account text,
    asset text,
    mode text
)
RETURNS SETOF pms.current_positions
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    -- The view has no books.
    IF as_of IS NOT NULL OR known_at IS NOT NULL OR pms.is_book(account) THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.positions_from_legs(
            pms.select_legs(
                select_positions.as_of, select_positions.known_at, select_positions.account
            ),
            least(select_positions.as_of, now())
        ) p
        WHERE (select_positions.asset IS NULL OR p.asset = select_positions.asset)
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    -- A statement for each: one for all would read every account, or be planned at each call.
    ELSIF account IS NOT NULL AND asset IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.account = select_positions.account
            AND p.asset = select_positions.asset
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSIF account IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.account = select_positions.account
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSIF asset IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.asset = select_positions.asset
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSE
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE select_positions.mode IS NULL
            OR p.mode = select_positions.mode;
    END IF;
END
$$;

COMMENT ON FUNCTION pms.select_positions IS
$$The positions of a request: current, or at a point in time

as_of and known_at: null is now, see pms.select_legs. account, asset and mode: null is all of them,
of the accounts in scope.$$;
