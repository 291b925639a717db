-- In PL/pgSQL, which keeps the plan: an expression would have one of SQL planned each time.
CREATE OR REPLACE FUNCTION pms.capital_at(
    accounts text[],
    starts_at timestamptz,
    ends_at timestamptz
)
RETURNS numeric
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT coalesce(sum(k.amount), 0)
        FROM (
            SELECT DISTINCT ON (c.account) c.amount
            FROM pms.capital c
            WHERE (capital_at.accounts IS NULL OR c.account = ANY(capital_at.accounts))
                AND c.effective_at < capital_at.ends_at
            ORDER BY
                c.account,
                c.effective_at > capital_at.starts_at,
                CASE
                    WHEN c.effective_at > capital_at.starts_at
                        THEN c.effective_at - capital_at.starts_at
                    ELSE capital_at.starts_at - c.effective_at
                END
        ) k
    );
END
$$;

COMMENT ON FUNCTION pms.capital_at IS $$The capital of accounts at the start of a period, in USDT

null: of all accounts. Of an account that got its first capital in the period, that one.$$;

CREATE OR REPLACE FUNCTION pms.equity_bases(
    accounts text[],
    at timestamptz,
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS SETOF pms.equity_base
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN QUERY
    WITH cash AS MATERIALIZED (
        SELECT
            k.account,
            coalesce(sum(k.amount * r.rate), 0) AS amount,
            array_agg(k.currency) FILTER (WHERE r.rate IS NULL AND k.amount <> 0) AS missing,
            array_agg(k.currency) FILTER (
                WHERE k.currency <> 'USDT' AND r.rate IS NOT NULL AND k.amount <> 0
            ) AS converted
        FROM pms.cash_at(equity_bases.accounts, equity_bases.at, equity_bases.known_at) k
        CROSS JOIN LATERAL (
            SELECT pms.rate_at(k.currency, equity_bases.at, equity_bases.known_at) AS rate
            -- Looked up once, not by each column that reads it (ADR 0002).
            OFFSET 0
        ) r
        GROUP BY k.account
    )

    SELECT
        k.account, k.amount, k.amount, coalesce(k.missing, '{}'), coalesce(k.converted, '{}')
    FROM cash k
    UNION ALL
    SELECT c.account, NULL, c.amount, '{}', '{}'
    FROM (
        SELECT DISTINCT ON (n.account) n.account, n.amount
        FROM pms.capital n
        WHERE (equity_bases.accounts IS NULL OR n.account = ANY(equity_bases.accounts))
            AND n.effective_at <= CASE
                WHEN equity_bases.at = 'infinity' THEN now()
                ELSE equity_bases.at
            END
        ORDER BY n.account, n.effective_at DESC
    ) c
    WHERE c.account NOT IN (SELECT k.account FROM cash k);
END
$$;

COMMENT ON FUNCTION pms.equity_bases IS
$$What the equity of each account is without its net PnL, at a moment, as known at one

accounts: null is all there are; at: infinity is now. From its first cash entry on the cash of an
account, before that its capital.$$;

CREATE OR REPLACE FUNCTION pms.equity_base(
    accounts text[],
    at timestamptz,
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS pms.equity_base
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_bases CONSTANT pms.equity_base[] := ARRAY(
        SELECT b FROM pms.equity_bases(accounts, at, known_at) b
    );
BEGIN
    RETURN (
        SELECT (
            NULL,
            sum(b.cash),
            coalesce(sum(b.amount), 0),
            ARRAY(
                SELECT DISTINCT m.currency
                FROM unnest(v_bases) n
                CROSS JOIN LATERAL unnest(n.missing) m (currency)
                ORDER BY m.currency
            ),
            ARRAY(
                SELECT DISTINCT m.currency
                FROM unnest(v_bases) n
                CROSS JOIN LATERAL unnest(n.converted) m (currency)
                ORDER BY m.currency
            )
        )::pms.equity_base
        FROM unnest(v_bases) b
    );
END
$$;

COMMENT ON FUNCTION pms.equity_base IS 'The sum of pms.equity_bases.';
