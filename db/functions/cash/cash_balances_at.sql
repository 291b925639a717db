CREATE OR REPLACE FUNCTION pms.cash_at(
    accounts text[],
    at timestamptz DEFAULT 'infinity',
    known_at timestamptz DEFAULT 'infinity'
)
RETURNS TABLE (account text, currency text, amount numeric)
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    IF cash_at.at = 'infinity' AND cash_at.known_at = 'infinity' THEN
        RETURN QUERY
        SELECT b.account, b.currency, trim_scale(b.amount)
        FROM pms.cash_balances b
        WHERE (cash_at.accounts IS NULL OR b.account = ANY(cash_at.accounts))
            AND b.entries > 0;
        RETURN;
    END IF;

    RETURN QUERY
    SELECT e.account, e.currency, trim_scale(sum(e.amount))
    FROM pms.cash_entries e
    WHERE (cash_at.accounts IS NULL OR e.account = ANY(cash_at.accounts))
        AND e.effective_at <= cash_at.at
        AND e.recorded_at <= cash_at.known_at
    GROUP BY e.account, e.currency
    HAVING count(*) > 2 * count(e.busts);
END
$$;

COMMENT ON FUNCTION pms.cash_at IS $$The cash of accounts by currency at a moment, as known at one

accounts: null is all there are. The sum of the entries that stand; no row without one. For the
present the stored sums.$$;

CREATE OR REPLACE FUNCTION pms.cash_balances_at(
    account text DEFAULT NULL,
    as_of timestamptz DEFAULT NULL,
    known_at timestamptz DEFAULT NULL
)
RETURNS SETOF pms.cash_balance
LANGUAGE plpgsql
STABLE
-- For the readers of a view, who have no rights on the tables.
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account CONSTANT text := pms.require_account(account);
    v_at CONSTANT timestamptz := coalesce(as_of, 'infinity');
    v_known_at CONSTANT timestamptz := coalesce(cash_balances_at.known_at, 'infinity');
    v_legs pms.priced_leg[];
BEGIN
    -- Nothing is read for those who have no cash.
    IF NOT EXISTS (SELECT 1 FROM pms.cash_at(pms.accounts_of(v_account), v_at, v_known_at)) THEN
        RETURN;
    END IF;

    v_legs := pms.select_legs(as_of, cash_balances_at.known_at, v_account);

    RETURN QUERY
    WITH cash AS MATERIALIZED (
        SELECT k.* FROM pms.cash_at(pms.accounts_of(v_account), v_at, v_known_at) k
    ),

    settled AS (
        SELECT
            l.account, l.settlement_currency AS currency,
            sum(l.realized - l.fees_open - l.fees_close + l.funding) AS settled,
            sum(CASE WHEN i.kind = 'spot' THEN l.cost ELSE 0 END) AS invested
        FROM unnest(v_legs) l
        CROSS JOIN LATERAL pms.instrument_at(l.asset, v_known_at) i
        WHERE l.account IN (SELECT k.account FROM cash k)
        GROUP BY l.account, l.settlement_currency
    )

    SELECT
        b.account, b.currency, b.cash, trim_scale(b.settled), trim_scale(b.invested),
        trim_scale(b.cash + b.settled - b.invested), trim_scale(r.rate),
        pms.rate_status(b.currency, v_at, v_known_at),
        trim_scale((b.cash + b.settled - b.invested) * r.rate)
    FROM (
        SELECT
            coalesce(k.account, s.account) AS account,
            coalesce(k.currency, s.currency) AS currency,
            coalesce(k.amount, 0) AS cash,
            coalesce(s.settled, 0) AS settled,
            coalesce(s.invested, 0) AS invested
        FROM cash k
        FULL JOIN settled s ON k.account = s.account AND k.currency = s.currency
    ) b
    CROSS JOIN LATERAL (
        SELECT pms.rate_at(b.currency, v_at, v_known_at) AS rate
        -- Looked up once, not by each column that reads it (ADR 0002).
        OFFSET 0
    ) r
    ORDER BY b.account, b.currency;
END
$$;

COMMENT ON FUNCTION pms.cash_balances_at IS
$$The cash of accounts with what their positions have settled, at a moment, as known at one

account: null is all in scope; as_of, known_at: null is now. Only accounts that have cash entries.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts$$;

-- The view calls it; without USAGE on pms, readers cannot call it by name.
GRANT EXECUTE ON FUNCTION pms.cash_balances_at
TO pms_reader, pms_trader, pms_operator, pms_analyst;
