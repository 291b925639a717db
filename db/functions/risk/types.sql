CREATE TYPE pms.portfolio_total AS (
    account text,
    asset text,
    is_all_accounts boolean,
    is_all_assets boolean,
    size numeric,
    long_size numeric,
    short_size numeric,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    total_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    open_positions_count bigint,
    long_positions_count bigint,
    short_positions_count bigint,
    unconverted_fees bigint,
    unpriced text [],
    complete boolean,
    assumed_instruments text [],
    converted text []
);

COMMENT ON TYPE pms.portfolio_total IS
$$The sum of the positions of an account, of an asset, or of both

account is null where is_all_accounts, asset where is_all_assets. size is long_size - short_size.
Amounts are in USDT and exact. unpriced: the assets of positions that are left out of an amount, for
lack of a price or of a rate of their settlement currency; assumed_instruments: those counted by a
rule that is only assumed, see pms.review_entries; complete: there are none of either. converted: the settlement
currencies other than USDT, which pms.stale_rates examines: it depends on the time.$$;

CREATE TYPE pms.limit_basis AS (
    account text,
    asset text,
    long_size numeric,
    short_size numeric,
    exposure numeric,
    net_exposure numeric,
    net_pnl numeric,
    open_positions bigint,
    order_size numeric
);

COMMENT ON TYPE pms.limit_basis IS $$The holdings that limits judge: a total of pms.portfolio_totals

account *: over all accounts; asset *: over all assets. Amounts in USDT. order_size: of the fill that
is checked, where it is part of the total.$$;

CREATE TYPE pms.limit_state AS (
    id text,
    scope text,
    account text,
    asset text,
    metric text,
    warn_level numeric,
    breach_level numeric,
    value numeric,
    utilisation numeric,
    level text
);

COMMENT ON TYPE pms.limit_state IS $$A limit and how far it is used

account: null is all accounts; asset: null is all assets. level: ok, warn or breach.$$;

CREATE TYPE pms.limit_change AS (
    before pms.limit_state,
    after pms.limit_state,
    harm text
);

COMMENT ON TYPE pms.limit_change IS $$A limit before and after a simulated fill

harm: breached, when only the fill breaches it; worsened, when it is breached further than before;
else null.$$;

CREATE TYPE pms.order_total AS (
    account text,
    asset text,
    size_usdt numeric
);

COMMENT ON TYPE pms.order_total IS $$The size of the order that a check is about

size_usdt: the value of the fill at its price, without its sign; null without a rate.$$;

CREATE TYPE pms.pre_trade_side AS (
    totals pms.portfolio_total [],
    judged pms.portfolio_total []
);

COMMENT ON TYPE pms.pre_trade_side IS $$The totals of one side of a simulated fill

totals: as published; judged: as the limits see them, with a price for the asset of the fill.$$;

CREATE TYPE pms.portfolio_reading AS (
    read_at timestamptz,
    seen_before xid8,
    row_count bigint,
    totals pms.portfolio_total [],
    limits pms.limit_state []
);

COMMENT ON TYPE pms.portfolio_reading IS
$$The totals and limits in one snapshot, and what that snapshot has seen

totals and limits are null if they are those of the last reading. See pms.portfolio_readings.$$;

CREATE TYPE pms.portfolio_summary AS (
    total pms.portfolio_total,
    by_asset text
);

COMMENT ON TYPE pms.portfolio_summary IS $$What the portfolio shows: the total, and by asset

total: without the sizes. by_asset: an object of the contract, as JSON text.$$;

CREATE TYPE pms.pnl_change AS (
    leg_id integer,
    asset text,
    quarter_hour timestamptz,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric
);

COMMENT ON TYPE pms.pnl_change IS $$What the entries of a quarter hour changed

In the settlement currency. leg_id 0: of all legs of the asset together.$$;

CREATE TYPE pms.pnl_update AS (
    leg_id integer,
    asset text,
    entered_at timestamptz,
    executed_at timestamptz,
    entry_id bigint,
    ordinal bigint,
    state pms.leg_state,
    folded bigint,
    changes pms.pnl_change []
);

COMMENT ON TYPE pms.pnl_update IS $$What the stored changes of a leg lack

changes are added to the stored ones. The other columns are the next row of pms.leg_pnl_marks;
folded: how many entries were folded for it.$$;

CREATE TYPE pms.pnl_flow AS (
    leg_id integer,
    asset text,
    starts timestamp,
    size numeric,
    cost numeric,
    realized numeric,
    fees_paid numeric,
    fees_close numeric,
    funding numeric,
    realized_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    is_rated boolean
);

COMMENT ON TYPE pms.pnl_flow IS $$What the entries of a period changed

starts: its first day, in the time zone of the question; -infinity: all before the first period.
is_rated: there was a rate for every amount in USDT; one without is left out.$$;

CREATE TYPE pms.period_end AS (
    ordinal integer,
    starts timestamp,
    starts_at timestamptz,
    ends_at timestamptz
);

COMMENT ON TYPE pms.period_end IS $$The end of a period

ordinal: from 1 on; 0 is the end of what was before the first period, which starts at -infinity.$$;

CREATE TYPE pms.pnl_span AS (
    row_group integer,
    asset text,
    currency text,
    is_in_doubt boolean,
    since integer,
    until integer,
    size numeric,
    cost numeric,
    cash numeric
);

COMMENT ON TYPE pms.pnl_span IS $$What a leg or asset is at consecutive period ends

At those with the ordinals from since to until - 1: no entry changes it in between. row_group: the
row of the answer that it is part of. is_in_doubt: its instrument is only assumed. cash: realized
less fees plus funding of all time.$$;

CREATE TYPE pms.pnl_worth AS (
    row_group integer,
    ordinal integer,
    unrealized numeric,
    is_priced boolean,
    needs_rate boolean
);

COMMENT ON TYPE pms.pnl_worth IS $$The unrealized PnL at the end of a period

Of the legs with a price. is_priced: all have one, of an instrument that is known.
needs_rate: a leg is worth something.$$;

CREATE TYPE pms.pnl_boundary AS (
    row_group integer,
    account text,
    asset text,
    mode text,
    currency text,
    starts timestamp,
    starts_at timestamptz,
    ends_at timestamptz,
    flow pms.pnl_flow,
    cash numeric,
    unrealized numeric,
    rate numeric,
    is_whole boolean
);

COMMENT ON TYPE pms.pnl_boundary IS $$A position, asset or currency at the end of a period

row_group numbers them. flow: what the period changed; cash: realized less fees plus funding of all
time up to the end; unrealized: then. Without a price or rate it is not whole, and the amount 0.$$;

CREATE TYPE pms.restated_period AS (
    account text,
    asset text,
    mode text,
    currency text,
    starts timestamp,
    restated_at timestamptz,
    realized_pnl numeric,
    realized_pnl_usdt numeric,
    restatements bigint []
);

COMMENT ON TYPE pms.restated_period IS $$What restatements changed in a period after its end

starts: its first day, in the time zone of the question.$$;

CREATE TYPE pms.position_period AS (
    account text,
    asset text,
    mode text,
    settlement_currency text,
    period_start date,
    starts_at timestamptz,
    ends_at timestamptz,
    realized numeric,
    fees_paid numeric,
    funding numeric,
    realized_pnl numeric,
    unrealized_pnl numeric,
    net_pnl numeric,
    realized_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    unrealized_pnl_usdt numeric,
    conversion_usdt numeric,
    net_pnl_usdt numeric,
    closing_net_pnl_usdt numeric,
    complete boolean,
    is_restated boolean,
    restated_at timestamptz,
    restated_realized_pnl numeric,
    restated_realized_pnl_usdt numeric,
    restatements bigint []
);

COMMENT ON TYPE pms.position_period IS $$The profit and loss of a position in a period

From starts_at until before ends_at. realized is gross; realized_pnl = realized - fees of closing +
funding; unrealized_pnl is the change from start to end; net_pnl = realized + unrealized_pnl -
fees_paid + funding. In USDT, conversion_usdt is the rest of net_pnl_usdt: what changes of the rate
did to PnL of before. closing_net_pnl_usdt: the net PnL of all periods up to the end. account and
mode are null in sums over all accounts; what a sum is not of is null, too: see pms.position_pnl.
restated_realized_pnl: how much of realized_pnl is due to restatements recorded after ends_at.
Source: accounting.md, "Periods".$$;

CREATE TYPE pms.pnl_period AS (
    period_start date,
    starts_at timestamptz,
    ends_at timestamptz,
    net_pnl_usdt numeric,
    realized_usdt numeric,
    unrealized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    conversion_usdt numeric,
    opening_equity_usdt numeric,
    closing_equity_usdt numeric,
    return_ratio numeric,
    complete boolean,
    is_restated boolean,
    restated_at timestamptz,
    restated_realized_pnl_usdt numeric,
    restatements bigint [],
    flows_usdt numeric,
    interest_usdt numeric,
    cash_conversion_usdt numeric
);

CREATE TYPE pms.return_statistics AS (
    part text,
    days bigint,
    winning_days bigint,
    losing_days bigint,
    mean_return numeric,
    standard_deviation numeric,
    best_return numeric,
    worst_return numeric,
    total_return numeric,
    annual_return numeric,
    sharpe numeric,
    sortino numeric,
    calmar numeric,
    max_drawdown numeric,
    max_drawdown_from date,
    max_drawdown_to date,
    max_drawdown_days integer,
    complete boolean
);

COMMENT ON TYPE pms.return_statistics IS $$What the daily returns of some days came to

See pms.return_statistics. Ratios have at most 12 fractional digits.$$;

COMMENT ON TYPE pms.pnl_period IS
$$The sum of pms.position_period over positions, with the equity

The last columns say how cash changed it, see pms.cash_period; null without cash.$$;

CREATE TYPE pms.cash_period AS (
    opening_equity numeric,
    closing_equity numeric,
    return_ratio numeric,
    flows numeric,
    interest numeric,
    conversion numeric,
    complete boolean
);

COMMENT ON TYPE pms.cash_period IS $$The equity of a period, of accounts that have cash, in USDT

flows: deposits, withdrawals and the like, at the rate of the moment, as interest is; conversion:
what changes of rates did to cash. closing_equity = opening_equity + net PnL + flows + interest +
conversion. return_ratio: see pms.time_weighted_return.$$;

CREATE TYPE pms.period_base AS (
    starts_at timestamptz,
    ends_at timestamptz,
    opening_capital numeric,
    closing_capital numeric,
    opening pms.equity_base,
    closing pms.equity_base
);

COMMENT ON TYPE pms.period_base IS $$The equity of accounts in a period, without their net PnL

opening_capital, closing_capital: of accounts without cash. opening, closing: of pms.equity_base
just before the start and the end; null where none of the accounts ever had cash.$$;
