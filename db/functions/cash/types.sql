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

cash: deposits - withdrawals + interest + transfers. settled: what its positions have settled in
the currency: realized - fees + funding. invested: the cost of its open spot positions, which was
paid for them. balance = cash + settled - invested. value_usdt: of the balance; null without a
rate. Source: accounting.md, "Cash".$$;

CREATE TYPE pms.equity_base AS (
    account text,
    cash numeric,
    amount numeric,
    missing text [],
    converted text []
);

COMMENT ON TYPE pms.equity_base IS $$What the equity of an account is, without its net PnL, in USDT

amount: its cash, or its capital where cash is null: without cash entries. missing: the
currencies of its cash without a rate, which are left out; converted: those with one other than
USDT. account is null for a sum.$$;

CREATE TYPE pms.equity_movement AS (
    at timestamptz,
    flow numeric,
    income numeric,
    is_rated boolean,
    equity numeric
);

COMMENT ON TYPE pms.equity_movement IS
$$What changed the equity of accounts at a moment beside their positions

In USDT at the rate of the moment. flow: deposits, withdrawals, transfers and changes of capital,
which are neither gain nor loss; income: interest. is_rated: nothing is left out for lack of a
rate. equity: after a flow; null where there is none, or a price or rate is missing.$$;
