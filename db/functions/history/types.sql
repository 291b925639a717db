CREATE TYPE pms.explained_entry AS (
    id bigint,
    leg text,
    kind text,
    side text,
    quantity numeric,
    price numeric,
    value numeric,
    amount numeric,
    fee numeric,
    fee_native numeric,
    fee_currency text,
    fee_rate numeric,
    settlement_currency text,
    executed_at timestamptz,
    recorded_at timestamptz,
    identity text,
    order_id text,
    amends text,
    cause text,
    counter_account text,
    is_voided boolean,
    voided_by text,
    amendment text,
    voided_at timestamptz,
    source text,
    trace_id text,
    version bigint,
    size_change numeric,
    cost_change numeric,
    realized_pnl_change numeric,
    size numeric,
    average_entry_price numeric,
    cost numeric,
    realized numeric,
    realized_pnl numeric,
    fees_paid numeric,
    funding numeric,
    closing_price numeric,
    closing_source text
);

COMMENT ON TYPE pms.explained_entry IS $$An entry of the ledger, and its leg right after it

Up to version, and closing_*: the entry, named as in api.fills; voided_by is bust, correction or
recount, amendment the identity of it. size_change, cost_change, realized_pnl_change: what it did to
the leg. From size on: the state of the leg. realized is gross, realized_pnl what is published (less
the fees of closing, plus funding). A voided entry changes nothing: beside it stands
what the leg was without it. Amounts are in the settlement currency.$$;

CREATE TYPE pms.round_trip_flow AS (
    leg_number bigint,
    cycle bigint,
    entry_id bigint,
    kind text,
    executed_at timestamptz,
    next_at timestamptz,
    is_opening boolean,
    is_closing boolean,
    entry_quantity numeric,
    entry_value numeric,
    exit_quantity numeric,
    exit_value numeric,
    realized numeric,
    fees numeric,
    funding numeric,
    held pms.leg_state,
    units numeric,
    for_units numeric
);

COMMENT ON TYPE pms.round_trip_flow IS $$What one entry did in one cycle of its leg

leg_number: the place of the leg among those asked for, from 1. entry_* and exit_*: what it
opened and what it closed, signed; an opening or an adjustment re-bases what was opened. held:
the leg right after it, until next_at; null beside the part of a flip that closes. Every
for_units of the quantities before it are units from then on, see pms.next_leg.$$;

CREATE TYPE pms.round_trip AS (
    leg text,
    direction text,
    opened_at timestamptz,
    closed_at timestamptz,
    duration_minutes bigint,
    opening_entry_id bigint,
    closing_entry_id bigint,
    entries bigint,
    average_entry_price numeric,
    average_exit_price numeric,
    peak_size numeric,
    quantity_traded numeric,
    realized numeric,
    fees_paid numeric,
    funding numeric,
    net_pnl numeric,
    mae numeric,
    mfe numeric,
    price_minutes bigint,
    settlement_currency text,
    turnover numeric
);

COMMENT ON TYPE pms.round_trip IS $$A leg from flat to flat

A flip is one entry in two cycles: it ends one and begins the next, its fee shared as in the fold.
direction: long or short. peak_size, quantity_traded and turnover, the value of what was traded, are
unsigned. realized is gross, net_pnl =
realized - fees_paid + funding. mae and mfe: the worst and the best that realized and unrealized
together came to, from the 0 at the start on, before fees and funding, by the prices that were kept;
null when there is none (price_minutes 0). Amounts are in the settlement currency.$$;

CREATE TYPE pms.open_lot AS (
    entry_id bigint,
    executed_at timestamptz,
    quantity numeric,
    cost numeric
);

COMMENT ON TYPE pms.open_lot IS 'The open rest of an entry, first in first out, and its cost.';

CREATE TYPE pms.trade_statistics AS (
    part text,
    settlement_currency text,
    trades bigint,
    won bigint,
    lost bigint,
    win_rate numeric,
    profit_factor numeric,
    net_pnl numeric,
    expectancy numeric,
    best numeric,
    worst numeric,
    average_minutes bigint,
    turnover numeric
);

COMMENT ON TYPE pms.trade_statistics IS $$What some closed cycles came to

part: the asset, the account, or the first day of the period in which they closed; null: all. won
and lost: those with a net PnL above and below 0. profit_factor: what was won for each unit lost;
null when nothing was. expectancy: the average net PnL. turnover: the values of all they opened
and closed. Quotients have 12 fractional digits.$$;
