CREATE OR REPLACE FUNCTION api.cash_balances_as_of(
    at timestamptz DEFAULT clock_timestamp(),
    known_at timestamptz DEFAULT 'infinity',
    account text DEFAULT NULL
)
RETURNS SETOF api.cash_balances
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT b.account, b.currency, b.cash, b.settled, b.invested, b.balance, b.usdt_rate, b.rate_status,
    b.value_usdt
FROM pms.cash_balances_at(
    cash_balances_as_of.account, coalesce(cash_balances_as_of.at, 'infinity'),
    coalesce(cash_balances_as_of.known_at, 'infinity')
) b
$$;

COMMENT ON FUNCTION api.cash_balances_as_of IS
$$The cash of each account at a moment, as known at another

The rows of api.cash_balances, from the entries; see positions_as_of. Without account: of all.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.cash_balances_as_of
TO pms_reader, pms_trader, pms_operator, pms_analyst;
