CREATE TYPE pms.limit_basis AS (
    account text,
    asset text,
    long_size numeric,
    short_size numeric,
    exposure numeric,
    net_exposure numeric,
    net_pnl numeric
);

COMMENT ON TYPE pms.limit_basis IS $$What is held, as limits see it: a total of pms.portfolio_totals

account *: over all accounts; asset *: over all assets. Amounts in USDT.$$;
