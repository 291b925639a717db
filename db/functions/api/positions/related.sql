-- PostgREST embeds the rows that a function with the name of a view returns for a row of another
-- view. Its caller's rights, no settings and one statement: PostgreSQL then plans it as a join.
CREATE OR REPLACE FUNCTION api.fills(api.positions)
RETURNS SETOF api.fills
LANGUAGE sql
STABLE
AS $$
SELECT f.*
FROM api.fills f
WHERE f.account = ($1).account
    AND f.asset = ($1).asset
    AND f.mode = ($1).mode
$$;

COMMENT ON FUNCTION api.fills IS $$The entries of a position

Below /rest/: positions?select=asset,fills(side,quantity::text).$$;

GRANT EXECUTE ON FUNCTION api.fills TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.snapshots(api.positions)
RETURNS SETOF api.snapshots
LANGUAGE sql
STABLE
AS $$
SELECT s.*
FROM api.snapshots s
WHERE s.account = ($1).account
    AND s.asset = ($1).asset
    AND s.mode = ($1).mode
$$;

COMMENT ON FUNCTION api.snapshots IS $$The snapshots of a position

Below /rest/: positions?select=asset,snapshots(created_at,size::text).$$;

GRANT EXECUTE ON FUNCTION api.snapshots TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.prices(api.positions)
RETURNS SETOF api.prices
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT p.*
FROM api.prices p
WHERE p.asset = ($1).asset
$$;

COMMENT ON FUNCTION api.prices IS $$The newest price of a position's asset

Below /rest/: positions?select=asset,prices(mark_price::text,source).$$;

GRANT EXECUTE ON FUNCTION api.prices TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.instruments(api.positions)
RETURNS SETOF api.instruments
LANGUAGE sql
STABLE
ROWS 1
AS $$
SELECT i.*
FROM api.instruments i
WHERE i.asset = ($1).asset
$$;

COMMENT ON FUNCTION api.instruments IS $$The rules by which a position is valued

Below /rest/: positions?select=asset,instruments(kind,multiplier::text).$$;

GRANT EXECUTE ON FUNCTION api.instruments TO pms_reader, pms_trader, pms_operator, pms_analyst;

CREATE OR REPLACE FUNCTION api.positions(api.instruments)
RETURNS SETOF api.positions
LANGUAGE sql
STABLE
AS $$
SELECT p.*
FROM api.positions p
WHERE p.asset = ($1).asset
$$;

COMMENT ON FUNCTION api.positions IS $$The positions in an asset

Below /rest/: instruments?select=asset,positions(account,size::text).$$;

GRANT EXECUTE ON FUNCTION api.positions TO pms_reader, pms_trader, pms_operator, pms_analyst;
