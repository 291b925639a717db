-- Deploy position_manager:migrations/portfolio_history to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.capital (
    account text NOT NULL,
    effective_at timestamptz NOT NULL,
    amount numeric NOT NULL,

    CONSTRAINT capital_pkey PRIMARY KEY (account, effective_at),
    CONSTRAINT capital_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
    CONSTRAINT capital_amount_in_range CHECK (amount >= 0 AND amount < 1e20)
);

COMMENT ON TABLE pms.capital IS $$What an account was given to trade with, in USDT, from when on

The whole of it, not what came on top. No row is 0.$$;

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

COMMENT ON TABLE pms.portfolio_history IS $$The totals of each account, minute by minute, in USDT

As they were known then: what came late is in the minutes after it. The account * is all accounts
together. realized is gross, before fees and funding, so that net_pnl is the sum of the parts:
realized + unrealized_pnl - fees_paid + funding.$$;
COMMENT ON COLUMN pms.portfolio_history.recorded_at IS 'The minute; the totals are of within it.';
COMMENT ON COLUMN pms.portfolio_history.complete IS
'False when a position was left out, for want of a price or of a rate.';

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

COMMENT ON TABLE pms.equity_marks IS $$What the history of an account says of drawdown and of today

Kept with every minute, so that nobody searches the history for it. The account * is all accounts
together. An account begins with a net PnL of 0.$$;
COMMENT ON COLUMN pms.equity_marks.began_at IS 'The first minute that was ever kept.';
COMMENT ON COLUMN pms.equity_marks.recorded_at IS 'The last minute that was kept.';
COMMENT ON COLUMN pms.equity_marks.peak_net_pnl IS
'The highest net PnL: of equity without what capital was added or taken out.';
COMMENT ON COLUMN pms.equity_marks.day_net_pnl IS
'Net PnL of the last minute before the day (UTC) of recorded_at.';

COMMIT;
