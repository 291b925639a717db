-- Deploy position_manager:migrations/types to pg
-- requires: migrations/schemas

BEGIN;

CREATE TYPE pms.leg_state AS (
    multiplier numeric,
    is_inverse boolean,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric,
    opened_at timestamptz,
    closed_at timestamptz
);

COMMENT ON TYPE pms.leg_state IS $$What the fold of a leg's entries carries from one to the next

multiplier and is_inverse never change: they say how the instrument is valued.$$;

CREATE TYPE pms.outcome AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text
);

COMMENT ON TYPE pms.outcome IS $$What became of one message of a batch

outcome: applied, duplicate, ignored, stale or rejected; reason: a code, detail: the field
and what is wrong with it. ordinal counts from 1 in the order of the batch.$$;

CREATE TYPE pms.leg_moment AS (
    entry_id bigint,
    executed_at timestamptz,
    recorded_at timestamptz,
    version bigint,
    ordinal bigint,
    newest_version bigint,
    newest_recorded_at timestamptz,
    state pms.leg_state
);

COMMENT ON TYPE pms.leg_moment IS $$A leg right after one of its entries, in the order of events

ordinal: how many entries are folded in. version: that of this entry; newest_version and
newest_recorded_at: the highest of all that are folded in. The first row of a history has no
entry_id: it is what the history starts from.$$;

-- A message read but not yet decided, and then decided: it walks through the batch in this row.
-- What of an order has been seen and applied so far.
CREATE TYPE pms.order_applied AS (
    party text,
    quantity numeric,
    cost numeric,
    fee numeric,
    executed_quantity numeric,
    executed_cost numeric,
    executed_fee numeric,
    step_quantity numeric,
    step_price numeric,
    step_fee numeric,
    refusal text
);

COMMENT ON TYPE pms.order_applied IS $$What an order has applied so far, and the last step of it

party: the asset, leg and side it belongs to, null before its first fill. executed_*: the sum of its
executions, also of those that a total had counted before they came. step_*: what the last event
added; refusal: why it was not applied, as a reason code.$$;

CREATE TYPE pms.order_event AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    account text,
    asset text,
    mode text,
    leg text,
    kind text,
    identity text,
    order_id text,
    is_cumulative boolean,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    amount numeric,
    executed_at timestamptz,
    applied pms.order_applied
);

COMMENT ON TYPE pms.order_event IS $$One order event as the ledger sees it

kind: trade or funding. Read: outcome is null while nothing speaks against it; a cumulative one
carries its order's totals. Decided: outcome is set, and where the order sends totals, applied says
what of the event is new.$$;

-- A bust or a correction as it walks through a batch.
CREATE TYPE pms.amendment_event AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    account text,
    identity text,
    amends text,
    cause text,
    side text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    executed_at timestamptz,
    amended_at timestamptz
);

COMMENT ON TYPE pms.amendment_event IS $$A bust or a correction of the entry that amends names

What a correction does not name is null: it stays as it was.$$;

CREATE TYPE pms.leg_key AS (
    account text,
    asset text,
    mode text,
    leg text
);

COMMENT ON TYPE pms.leg_key IS 'What names a leg; the order in which legs are locked.';

CREATE TYPE pms.entry_void AS (
    account text,
    asset text,
    mode text,
    leg text,
    executed_at timestamptz,
    identity text,
    cause text,
    amendment text,
    recorded_at timestamptz,
    source text,
    trace_id text
);

COMMENT ON TYPE pms.entry_void IS
'A decided void; it names its entry by identity, for the entry may be of the same batch.';

CREATE TYPE pms.leg_change AS (
    account text,
    asset text,
    mode text,
    leg text,
    since timestamptz,
    cause text,
    steps bigint,
    recorded_at timestamptz,
    trace_id text
);

COMMENT ON TYPE pms.leg_change IS $$A leg whose past has changed

since: the event time of the oldest entry that came or went; cause: late, bust or correction; steps:
by how much its version rises.$$;

CREATE TYPE pms.price_event AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    asset text,
    mark_price numeric,
    priced_at timestamptz,
    source text
);

-- One report of the venue as it walks through a batch.
CREATE TYPE pms.venue_report AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    trace_id text,
    account text,
    asset text,
    mode text,
    leg text,
    size numeric,
    average_price numeric,
    mark_price numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    seq bigint,
    reported_at timestamptz
);

COMMENT ON TYPE pms.venue_report IS $$One position as the venue reports it: read, then decided

size is signed; a missing mark price is implied by size, average and unrealised PnL.$$;

CREATE TYPE pms.transfer AS (
    transfer_id text,
    asset text,
    mode text,
    leg text,
    from_account text,
    to_account text,
    quantity numeric,
    price numeric,
    objections jsonb
);

COMMENT ON TYPE pms.transfer IS $$A transfer as it is asked for, read and checked

price: null is at cost. objections: what is wrong, by field; null when nothing is.$$;

COMMENT ON TYPE pms.price_event IS 'One price as it walks through a batch: read, then decided.';

COMMIT;
