CREATE TYPE pms.realized_amounts AS (
    asset text,
    realized_pnl numeric,
    fees_paid numeric,
    fees_open numeric,
    funding numeric,
    present_realized_usdt numeric,
    missing text [],
    stale text []
);

COMMENT ON TYPE pms.realized_amounts IS
$$What an asset has realized, in a currency, at the rates of when it was realized

Not rounded. present_realized_usdt: the same realized_pnl in USDT, at the present rate. missing:
the currencies without a rate then, of the amounts that are left out; stale: those whose rate was
stale.$$;
