CREATE OR REPLACE FUNCTION pms.has_cash(accounts text[])
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        FROM pms.cash_balances b
        WHERE has_cash.accounts IS NULL
            OR b.account = ANY(has_cash.accounts)
    );
END
$$;

COMMENT ON FUNCTION pms.has_cash IS
'Whether one of the accounts ever had a cash entry; null is all there are.';

CREATE OR REPLACE FUNCTION pms.cash_beginnings(accounts text[], known_at timestamptz)
RETURNS TABLE (account text, began_at timestamptz)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT e.account, min(e.effective_at)
    FROM pms.cash_entries e
    WHERE (cash_beginnings.accounts IS NULL OR e.account = ANY(cash_beginnings.accounts))
        AND e.busts IS NULL
        AND e.recorded_at <= cash_beginnings.known_at
        AND NOT EXISTS (
            SELECT 1
            FROM pms.cash_entries b
            WHERE b.account = e.account
                AND b.busts = e.id
                AND b.recorded_at <= cash_beginnings.known_at
        )
    GROUP BY e.account;
END
$$;

COMMENT ON FUNCTION pms.cash_beginnings IS
$$The moment of the first entry of each account that stands

As known at known_at; accounts: null is all there are.$$;

CREATE OR REPLACE FUNCTION pms.cash_movements(
    accounts text[],
    until timestamptz,
    known_at timestamptz
)
RETURNS SETOF pms.equity_movement
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT
        m.effective_at,
        CASE WHEN m.is_income THEN 0 ELSE coalesce(m.amount * r.rate, 0) END,
        CASE WHEN m.is_income THEN coalesce(m.amount * r.rate, 0) ELSE 0 END,
        r.rate IS NOT NULL,
        NULL::numeric
    FROM (
        SELECT
            e.effective_at, e.kind = 'interest' AS is_income, e.currency,
            sum(e.amount) AS amount
        FROM pms.cash_entries e
        WHERE (cash_movements.accounts IS NULL OR e.account = ANY(cash_movements.accounts))
            AND e.effective_at <= cash_movements.until
            AND e.recorded_at <= cash_movements.known_at
        GROUP BY e.effective_at, e.kind = 'interest', e.currency
        -- Neither a bust and its entry nor a transfer within the accounts moves anything.
        HAVING sum(e.amount) <> 0
    ) m
    CROSS JOIN LATERAL (
        SELECT
            pms.rate_at(m.currency, m.effective_at, cash_movements.known_at) AS rate
        -- Looked up once, not by each column that reads it (ADR 0002).
        OFFSET 0
    ) r;
END
$$;

COMMENT ON FUNCTION pms.cash_movements IS
$$The movements of the cash of accounts together, by moment, kind and currency

Up to a moment, included, as known at known_at; accounts: null is all there are.$$;

CREATE OR REPLACE FUNCTION pms.capital_changes(accounts text[], known_at timestamptz)
RETURNS SETOF pms.equity_movement
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    WITH beginning AS MATERIALIZED (
        SELECT b.* FROM pms.cash_beginnings(accounts, capital_changes.known_at) b
    )

    SELECT
        k.at,
        k.amount - lag(k.amount, 1, 0) OVER (PARTITION BY k.account ORDER BY k.at),
        0::numeric, TRUE, NULL::numeric
    FROM (
        SELECT c.account, c.effective_at AS at, c.amount
        FROM pms.capital c
        LEFT JOIN beginning b ON c.account = b.account
        WHERE (capital_changes.accounts IS NULL OR c.account = ANY(capital_changes.accounts))
            AND c.effective_at < coalesce(b.began_at, 'infinity')
        UNION ALL
        SELECT b.account, b.began_at, 0
        FROM beginning b
    ) k;
END
$$;

COMMENT ON FUNCTION pms.capital_changes IS
'The changes of the capital of accounts until their cash takes its place.';

CREATE OR REPLACE FUNCTION pms.equity_movements(
    accounts text[],
    until timestamptz,
    known_at timestamptz
)
RETURNS SETOF pms.equity_movement
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    SELECT m.at, sum(m.flow), sum(m.income), bool_and(m.is_rated), NULL::numeric
    FROM (
        SELECT k.*
        FROM pms.cash_movements(accounts, until, equity_movements.known_at) k
        UNION ALL
        SELECT c.*
        FROM pms.capital_changes(accounts, equity_movements.known_at) c
        WHERE c.at <= equity_movements.until
    ) m
    GROUP BY m.at
    HAVING (sum(m.flow), sum(m.income), bool_and(m.is_rated)) <> (0, 0, TRUE)
    ORDER BY m.at;
END
$$;

COMMENT ON FUNCTION pms.equity_movements IS
$$What changes the equity of accounts together beside their positions, by moment

Up to a moment, included, as known at known_at; accounts: null is all there are. Without
the equity.$$;
