BEGIN;

CREATE TABLE pms.capital (
    account text NOT NULL,
    effective_at timestamptz NOT NULL,
    amount numeric NOT NULL,

    CONSTRAINT capital_pkey PRIMARY KEY (account, effective_at),
    CONSTRAINT capital_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT capital_amount_in_range CHECK (amount >= 0 AND amount < 1e20)
);

CREATE TABLE pms.portfolio_history (
    account text NOT NULL,
    recorded_at timestamptz NOT NULL,
    capital numeric NOT NULL,
    net_pnl numeric NOT NULL,
    realized numeric NOT NULL,
    unrealized_pnl numeric NOT NULL,
    fees_paid numeric NOT NULL,
    funding numeric NOT NULL,
    exposure numeric NOT NULL,
    net_exposure numeric NOT NULL,
    open_positions_count bigint NOT NULL,
    long_positions_count bigint NOT NULL,
    short_positions_count bigint NOT NULL,
    complete boolean NOT NULL,

    CONSTRAINT portfolio_history_pkey PRIMARY KEY (account, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE TABLE
pms.portfolio_history_default PARTITION OF pms.portfolio_history DEFAULT;

-- By the names under which it is published: null is all accounts.
CREATE INDEX portfolio_history_published_idx
ON pms.portfolio_history (nullif(account, '*'), recorded_at);

CREATE TABLE pms.equity_marks (
    account text NOT NULL,
    began_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    net_pnl numeric NOT NULL,
    peak_net_pnl numeric NOT NULL,
    peak_at timestamptz NOT NULL,
    day_net_pnl numeric NOT NULL,

    CONSTRAINT equity_marks_pkey PRIMARY KEY (account)
);

COMMIT;
