CREATE TYPE pms.cash_request AS (
    identity text,
    kind text,
    currency text,
    amount numeric,
    account text,
    to_account text,
    effective_at timestamptz,
    objections jsonb
);

COMMENT ON TYPE pms.cash_request IS $$A movement of cash as it is asked for, read and checked

amount: signed for interest, else unsigned. to_account: of a transfer. effective_at: null is now.
objections: what is wrong, by field; null when nothing is.$$;

CREATE TYPE pms.cash_balance AS (
    account text,
    currency text,
    cash numeric,
    settled numeric,
    invested numeric,
    balance numeric,
    usdt_rate numeric,
    rate_status text,
    value_usdt numeric
);

COMMENT ON TYPE pms.cash_balance IS $$The cash of an account in a currency

cash: deposits - withdrawals + interest + transfers. settled: what its positions have settled in the
currency: realized - fees + funding. invested: the cost of its open spot positions, which was paid for
them. balance = cash + settled - invested. value_usdt: of the balance; null without a rate. Source:
accounting.md, "Cash".$$;
