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

CREATE TYPE pms.begun_order AS (
    ordinal integer,
    account text,
    asset text,
    order_id text,
    created_at timestamptz
);

COMMENT ON TYPE pms.begun_order IS $$An order where its walk through a batch begins

ordinal: that of its first event. created_at: that of the order; null: none of its totals names it.$$;

CREATE TYPE pms.order_progress AS (
    is_shared boolean,
    party text,
    quantity numeric,
    cost numeric,
    fee numeric,
    executed_quantity numeric,
    executed_cost numeric,
    executed_fee numeric,
    fee_currency text,
    other_fees jsonb,
    step_quantity numeric,
    step_price numeric,
    step_amount numeric,
    step_fee numeric,
    flaw text,
    refusal text
);

COMMENT ON TYPE pms.order_progress IS $$What an order has applied so far, and the last step of it

is_shared: the ledger has another order under the same id. party: the leg and side the order belongs
to, null before its first fill. executed_*: the sum of its executions, also of those that a total had
counted before they came. fee and executed_fee are in fee_currency; other_fees has those in other
currencies, [fee, executed_fee] by currency, null where there are none. step_*: what the last event
added; step_amount: its value, null where that is step_quantity at step_price. flaw: what is wrong with the event, in
words; refusal: why it was not applied, as a reason code.$$;

CREATE TYPE pms.entry_content AS (
    asset text,
    leg text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text
);

COMMENT ON TYPE pms.entry_content IS $$The content of an event, without its identity and its time

Two events of one identity are the same event when their contents are equal. price: for funding,
its amount.$$;

CREATE TYPE pms.fill_candidate AS (
    identity text,
    asset text,
    leg text,
    quantity numeric,
    order_id text,
    content pms.entry_content,
    trace_id text,
    is_free boolean
);

COMMENT ON TYPE pms.fill_candidate IS $$A fill that may be the same as another one with its id

is_free: it came without an order id, and no other message has named one since.$$;

CREATE TYPE pms.order_message AS (
    ordinal integer,
    trace_id text,
    is_status boolean,
    is_funding boolean,
    status text,
    is_dry_run text,
    account text,
    asset text,
    mode text,
    position_side text,
    order_id text,
    execution_id text,
    funding_id text,
    event_id text,
    side text,
    quantity text,
    price text,
    fee text,
    fee_currency text,
    amount text,
    executed_at text,
    created_at text,
    book text,
    mode_read text,
    side_read text,
    quantity_read numeric,
    price_read numeric,
    fee_read numeric,
    amount_read numeric,
    executed_at_read timestamptz,
    created_at_read timestamptz
);

COMMENT ON TYPE pms.order_message IS $$An order event as its message writes it

Texts, whatever the shape of the message, and *_read: their values, with the defaults filled in;
null where a text is no such value. is_status: a status event, whose quantity, price and fee are the
totals of its order; created_at is the time of that order.$$;

-- A message read but not yet decided, and then decided: it walks through the batch in this row.
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
    created_at timestamptz,
    price_scale integer,
    applied pms.order_progress,
    book text
);

COMMENT ON TYPE pms.order_event IS $$One order event as the ledger sees it

kind: trade or funding. outcome is null while nothing speaks against it; a cumulative one carries
its order's totals, the time of the order (created_at) and the fractional digits of its average
(price_scale). Classified: one without an outcome applies, and where the order sends totals,
applied says what of the event is new. book: null where it names none, or pms.unassigned_book().$$;

CREATE TYPE pms.amendment_message AS (
    ordinal integer,
    trace_id text,
    cause text,
    account text,
    amends text,
    named_by_id boolean,
    named_asset text,
    named_leg text,
    named_side text,
    named_order text,
    correction_id text,
    side text,
    quantity text,
    price text,
    fee text,
    fee_currency text,
    executed_at text,
    amended_at text,
    quantity_read numeric,
    price_read numeric,
    fee_read numeric,
    executed_at_read timestamptz,
    amended_at_read timestamptz
);

COMMENT ON TYPE pms.amendment_message IS $$A bust or a correction as its message writes it

Texts, and *_read: their values, null where a text is no such value.$$;

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
    amended_at timestamptz,
    named_by_id boolean,
    named_asset text,
    named_leg text,
    named_side text,
    named_order text
);

COMMENT ON TYPE pms.amendment_event IS $$A bust or a correction of the entry that amends names

What a correction does not name is null: it stays as it was. named_by_id: its fill is not found yet;
amends is the identity of all fills with the execution id, named_* distinguish them.$$;

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

CREATE TYPE pms.folded_leg AS (
    leg text,
    entries bigint,
    latest_at timestamptz,
    size numeric,
    cost numeric,
    realized numeric,
    fees_open numeric,
    fees_close numeric,
    funding numeric,
    opened_at timestamptz,
    closed_at timestamptz
);

COMMENT ON TYPE pms.folded_leg IS 'What the entries of a leg amount to, folded from the first.';

CREATE TYPE pms.marked_leg AS (
    leg pms.changed_leg,
    cause text,
    exposure pms.exposure_change
);

COMMENT ON TYPE pms.marked_leg IS $$A leg that has a new mark price

cause: the update_source of its event, by the source of the price.$$;

CREATE TYPE pms.review AS (
    account text,
    asset text,
    mode text,
    leg text,
    code text,
    source text,
    detail text
);

COMMENT ON TYPE pms.review IS $$A reason why a leg needs review

code: the kind of reason; source: what raised it, such as the id of a message or a discrepancy; detail:
what is wrong, in words.$$;

CREATE TYPE pms.leg_name AS (
    ordinal integer,
    leg pms.leg_key
);

COMMENT ON TYPE pms.leg_name IS $$The leg that a message names

leg: null without a valid account and asset; its mode and leg are null when they cannot be known.$$;

CREATE TYPE pms.action_event AS (
    ordinal integer,
    outcome text,
    reason text,
    detail text,
    is_bust boolean,
    is_another boolean,
    action pms.corporate_actions
);

COMMENT ON TYPE pms.action_event IS $$A corporate action, or its bust, as it walks through a batch

outcome is null while nothing speaks against it. Of a bust only action_id, source and trace_id of
the action are known. is_another: it counts beside one with the same terms.$$;
