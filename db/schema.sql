--
-- PostgreSQL database dump
--

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: api; Type: SCHEMA; Schema: -; Owner: pms_owner
--

CREATE SCHEMA api;

ALTER SCHEMA api OWNER TO pms_owner;

--
-- Name: SCHEMA api; Type: COMMENT; Schema: -; Owner: pms_owner
--

COMMENT ON SCHEMA api IS 'Position Manager

Positions, exposure and PnL of the trading desk: views are nouns, functions are verbs.';

--
-- Name: pms; Type: SCHEMA; Schema: -; Owner: pms_owner
--

CREATE SCHEMA pms;

ALTER SCHEMA pms OWNER TO pms_owner;

--
-- Name: SCHEMA pms; Type: COMMENT; Schema: -; Owner: pms_owner
--

COMMENT ON SCHEMA pms IS 'The ledger and its rules, private to the service.';

--
-- Name: application/json; Type: DOMAIN; Schema: api; Owner: pms_owner
--

CREATE DOMAIN api."application/json" AS json;

ALTER DOMAIN api."application/json" OWNER TO pms_owner;

--
-- Name: DOMAIN "application/json"; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON DOMAIN api."application/json" IS 'JSON that is sent as it is.';

--
-- Name: text/plain; Type: DOMAIN; Schema: api; Owner: pms_owner
--

CREATE DOMAIN api."text/plain" AS text;

ALTER DOMAIN api."text/plain" OWNER TO pms_owner;

--
-- Name: DOMAIN "text/plain"; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON DOMAIN api."text/plain" IS 'Text that is sent as it is, not as JSON.';

--
-- Name: amendment_event; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	executed_at timestamp with time zone,
	amended_at timestamp with time zone
);

ALTER TYPE pms.amendment_event OWNER TO pms_owner;

--
-- Name: TYPE amendment_event; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.amendment_event IS 'A bust or a correction of the entry that amends names

What a correction does not name is null: it stays as it was.';

--
-- Name: amendment_message; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.amendment_message AS (
	ordinal integer,
	trace_id text,
	cause text,
	account text,
	amends text,
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
	executed_at_read timestamp with time zone,
	amended_at_read timestamp with time zone
);

ALTER TYPE pms.amendment_message OWNER TO pms_owner;

--
-- Name: TYPE amendment_message; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.amendment_message IS 'A bust or a correction as its message writes it

Texts, and *_read: their values, null where a text is no such value.';

--
-- Name: argument; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.argument AS (
	name text,
	kind text,
	literal text
);

ALTER TYPE pms.argument OWNER TO pms_owner;

--
-- Name: TYPE argument; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.argument IS 'An argument of a request

name: as the contract has it; kind: the rule of pms.parse_argument that it must keep.';

--
-- Name: arguments; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.arguments AS (
	given jsonb,
	value jsonb,
	objections jsonb
);

ALTER TYPE pms.arguments OWNER TO pms_owner;

--
-- Name: TYPE arguments; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.arguments IS 'The arguments of a request by name, parsed and checked

given: the literals; value: in canonical form, null when absent or out of range. objections: the
range that each argument is out of; null when all are in range.';

--
-- Name: changed_leg; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.changed_leg AS (
	account text,
	asset text,
	mode text,
	leg text,
	trace_id text,
	needs_review boolean
);

ALTER TYPE pms.changed_leg OWNER TO pms_owner;

--
-- Name: TYPE changed_leg; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.changed_leg IS 'A leg that a transaction changed

trace_id: the trace of what changed it. needs_review: a discrepancy of the leg was open before the
change.';

--
-- Name: command; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.command AS (
	name text,
	arguments jsonb,
	account text,
	actor text,
	trace_id text,
	request_key text,
	answer jsonb
);

ALTER TYPE pms.command OWNER TO pms_owner;

--
-- Name: TYPE command; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.command IS 'A command between its begin and its end

answer: the answer of an earlier request with the same Idempotency-Key, or a refusal of that header;
null: the command has to run. actor: the id of the API key, in plain SQL the role. request_key: the
Idempotency-Key that the answer is stored under.';

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: discrepancies; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.discrepancies (
    account text NOT NULL,
    id uuid NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    kind text NOT NULL,
    field text NOT NULL,
    ours text,
    theirs text,
    threshold numeric,
    proposal text NOT NULL,
    target_size numeric,
    target_cost numeric,
    is_fixable boolean NOT NULL,
    status text NOT NULL,
    evidence jsonb,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    times_seen bigint DEFAULT 1 NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    announced_at timestamp with time zone,
    closed_at timestamp with time zone,
    decided_by text,
    decided_at timestamp with time zone,
    note text,
    trace_id text,
    CONSTRAINT discrepancies_decision_has_author CHECK (((status <> ALL (ARRAY['accepted'::text, 'dismissed'::text])) OR (decided_by IS NOT NULL))),
    CONSTRAINT discrepancies_kind_is_known CHECK ((kind = ANY (ARRAY['size'::text, 'average_price'::text, 'adoption'::text, 'stored_row'::text, 'checkpoint'::text, 'rule'::text]))),
    CONSTRAINT discrepancies_leg_fits_mode CHECK ((((mode = 'one-way'::text) AND (leg = 'net'::text)) OR ((mode = 'hedge'::text) AND (leg = ANY (ARRAY['long'::text, 'short'::text]))))),
    CONSTRAINT discrepancies_open_is_not_closed CHECK (((status = 'open'::text) = (closed_at IS NULL))),
    CONSTRAINT discrepancies_status_is_known CHECK ((status = ANY (ARRAY['open'::text, 'fixed'::text, 'accepted'::text, 'dismissed'::text, 'resolved'::text])))
);

ALTER TABLE pms.discrepancies OWNER TO pms_owner;

--
-- Name: TABLE discrepancies; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.discrepancies IS 'Differences found by reconciliation

A difference keeps one row however often it is seen, and is resolved when it is no longer found.';

--
-- Name: COLUMN discrepancies.id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.id IS 'Derived from account, asset, mode, leg, kind and field, always the same.';

--
-- Name: COLUMN discrepancies.kind; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.kind IS 'The source that differs

size, average_price: the venue reports another value; adoption: the venue reports a position without
an entry of ours; stored_row, checkpoint: differs from its ledger; rule: a leg breaks an identity.';

--
-- Name: COLUMN discrepancies.ours; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.ours IS 'An amount or a time, as the contract writes it.';

--
-- Name: COLUMN discrepancies.theirs; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.theirs IS 'The value of the venue, or the one that the ledger or the rule requires.';

--
-- Name: COLUMN discrepancies.threshold; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.threshold IS 'Differences strictly above it count: a quantity, or a ratio of prices; null: all count.';

--
-- Name: COLUMN discrepancies.target_size; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.target_size IS 'With target_cost: the state of the leg once fixed or accepted; null: no entry is posted.';

--
-- Name: COLUMN discrepancies.is_fixable; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.is_fixable IS 'The rules allow a fix without a person.';

--
-- Name: COLUMN discrepancies.status; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.status IS 'open, fixed, accepted, dismissed or resolved

fixed by the rules; accepted: a person had the proposal applied; dismissed by a person, until its
values change; resolved: no longer found.';

--
-- Name: COLUMN discrepancies.evidence; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.evidence IS 'The report of the venue.';

--
-- Name: COLUMN discrepancies.opened_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.opened_at IS 'When it was last opened.';

--
-- Name: COLUMN discrepancies.announced_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.discrepancies.announced_at IS 'When it was published for a person to decide; null: not since it was last opened.';

--
-- Name: discrepancy_decision; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.discrepancy_decision AS (
	discrepancy pms.discrepancies,
	objection text
);

ALTER TYPE pms.discrepancy_decision OWNER TO pms_owner;

--
-- Name: TYPE discrepancy_decision; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.discrepancy_decision IS 'The result of pms.decide_discrepancy

discrepancy: as it is now; objection: why nothing was decided, or null.';

--
-- Name: entry_content; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.entry_content AS (
	asset text,
	leg text,
	quantity numeric,
	price numeric,
	fee numeric,
	fee_currency text
);

ALTER TYPE pms.entry_content OWNER TO pms_owner;

--
-- Name: TYPE entry_content; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.entry_content IS 'The content of an event, without its identity and its time

Two events of one identity are the same event when their contents are equal. price: for funding,
its amount.';

--
-- Name: entry_void; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.entry_void AS (
	account text,
	asset text,
	mode text,
	leg text,
	executed_at timestamp with time zone,
	identity text,
	cause text,
	amendment text,
	recorded_at timestamp with time zone,
	source text,
	trace_id text
);

ALTER TYPE pms.entry_void OWNER TO pms_owner;

--
-- Name: TYPE entry_void; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.entry_void IS 'A decided void; it names its entry by identity, for the entry may be of the same batch.';

--
-- Name: finding; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.finding AS (
	account text,
	asset text,
	mode text,
	leg text,
	kind text,
	field text,
	ours text,
	theirs text,
	threshold numeric,
	proposal text,
	target_size numeric,
	target_cost numeric,
	target_price numeric,
	is_fixable boolean,
	is_waiting boolean,
	identity text,
	effective_at timestamp with time zone,
	evidence jsonb,
	trace_id text
);

ALTER TYPE pms.finding OWNER TO pms_owner;

--
-- Name: TYPE finding; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.finding IS 'A discrepancy before it is recorded

kind names its source: stored_row, checkpoint, rule, or for the venue size, average_price, adoption.
target_*, identity and effective_at describe the absolute entry that would settle it; target_price
is null where the cost is not size at price. is_waiting: a fill on its way may still explain it.';

--
-- Name: position_key; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.position_key AS (
	account text,
	asset text,
	mode text
);

ALTER TYPE pms.position_key OWNER TO pms_owner;

--
-- Name: TYPE position_key; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.position_key IS 'What names a position; the order in which all are gone through.';

--
-- Name: examination; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.examination AS (
	key pms.position_key,
	findings pms.finding[],
	objection text
);

ALTER TYPE pms.examination OWNER TO pms_owner;

--
-- Name: TYPE examination; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.examination IS 'The findings of one position

objection: the error that keeps its ledger from being folded; then there are no findings.';

--
-- Name: explained_entry; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	executed_at timestamp with time zone,
	recorded_at timestamp with time zone,
	identity text,
	order_id text,
	amends text,
	cause text,
	counter_account text,
	is_voided boolean,
	voided_by text,
	amendment text,
	voided_at timestamp with time zone,
	source text,
	trace_id text,
	version bigint,
	size_change numeric,
	cost_change numeric,
	size numeric,
	average_entry_price numeric,
	cost numeric,
	realized numeric,
	realized_pnl numeric,
	fees_paid numeric,
	funding numeric
);

ALTER TYPE pms.explained_entry OWNER TO pms_owner;

--
-- Name: TYPE explained_entry; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.explained_entry IS 'An entry of the ledger, and its leg right after it

Up to version: the entry, named as in api.fills; voided_by is bust or correction, amendment the
identity of it. size_change, cost_change: what it did to the leg. From size on: the state of the leg. realized is gross, realized_pnl what is
published (less the fees of closing, plus funding). A voided entry changes nothing: beside it stands
what the leg was without it. Amounts are in the settlement currency.';

--
-- Name: exposure_change; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.exposure_change AS (
	account text,
	currency text,
	exposure numeric
);

ALTER TYPE pms.exposure_change OWNER TO pms_owner;

--
-- Name: TYPE exposure_change; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.exposure_change IS 'By how much the exposure of an account changes

currency: the settlement currency, in which exposure is.';

--
-- Name: folded_leg; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.folded_leg AS (
	leg text,
	entries bigint,
	latest_at timestamp with time zone,
	size numeric,
	cost numeric,
	realized numeric,
	fees_open numeric,
	fees_close numeric,
	funding numeric,
	opened_at timestamp with time zone,
	closed_at timestamp with time zone
);

ALTER TYPE pms.folded_leg OWNER TO pms_owner;

--
-- Name: TYPE folded_leg; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.folded_leg IS 'What the entries of a leg amount to, folded from the first.';

--
-- Name: imported_leg; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.imported_leg AS (
	ordinal integer,
	outcome text,
	detail text,
	account text,
	asset text,
	mode text,
	leg text,
	size numeric,
	average_price numeric,
	realized numeric,
	current_price numeric,
	executed_at timestamp with time zone
);

ALTER TYPE pms.imported_leg OWNER TO pms_owner;

--
-- Name: TYPE imported_leg; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.imported_leg IS 'A leg of a position of an older table: read, then decided

ordinal: of its row, from 1. Read: outcome is null while nothing speaks against it. Decided: applied,
duplicate (imported before), ignored (nothing is held and nothing was earned) or rejected; detail
says why. executed_at: when it was so; null when the row does not say.';

--
-- Name: job_step; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.job_step AS (
	progress jsonb,
	done text
);

ALTER TYPE pms.job_step OWNER TO pms_owner;

--
-- Name: TYPE job_step; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.job_step IS 'What one step of a job has come to

progress: where the next step goes on, null after the last one; done: what the job has done, in
words, known with the last.';

--
-- Name: ledger_examination; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.ledger_examination AS (
	key pms.position_key,
	is_unfoldable boolean,
	findings jsonb
);

ALTER TYPE pms.ledger_examination OWNER TO pms_owner;

--
-- Name: TYPE ledger_examination; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.ledger_examination IS 'The differences of one position from its ledger

findings: a JSON array, as the verification reports them. is_unfoldable: an entry cannot be valued,
which is the one finding.';

--
-- Name: leg_change; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.leg_change AS (
	account text,
	asset text,
	mode text,
	leg text,
	since timestamp with time zone,
	cause text,
	steps bigint,
	recorded_at timestamp with time zone,
	trace_id text
);

ALTER TYPE pms.leg_change OWNER TO pms_owner;

--
-- Name: TYPE leg_change; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.leg_change IS 'A leg whose past has changed

since: the event time of the oldest entry that came or went; cause: late, bust or correction; steps:
by how much its version rises.';

--
-- Name: leg_key; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.leg_key AS (
	account text,
	asset text,
	mode text,
	leg text
);

ALTER TYPE pms.leg_key OWNER TO pms_owner;

--
-- Name: TYPE leg_key; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.leg_key IS 'What names a leg; the order in which legs are locked.';

--
-- Name: leg_state; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.leg_state AS (
	multiplier numeric,
	is_inverse boolean,
	size numeric,
	cost numeric,
	realized numeric,
	fees_open numeric,
	fees_close numeric,
	funding numeric,
	opened_at timestamp with time zone,
	closed_at timestamp with time zone
);

ALTER TYPE pms.leg_state OWNER TO pms_owner;

--
-- Name: TYPE leg_state; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.leg_state IS 'The state that the fold carries from entry to entry

multiplier and is_inverse are those of the instrument and never change.';

--
-- Name: leg_moment; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.leg_moment AS (
	entry_id bigint,
	executed_at timestamp with time zone,
	recorded_at timestamp with time zone,
	version bigint,
	ordinal bigint,
	newest_version bigint,
	newest_recorded_at timestamp with time zone,
	state pms.leg_state
);

ALTER TYPE pms.leg_moment OWNER TO pms_owner;

--
-- Name: TYPE leg_moment; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.leg_moment IS 'A leg right after one of its entries, in the order of events

ordinal: how many entries are folded in. version: that of this entry; newest_version and
newest_recorded_at: the highest of all that are folded in. The first row of a history has no
entry_id: it is what the history starts from.';

--
-- Name: limit_basis; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.limit_basis AS (
	account text,
	asset text,
	long_size numeric,
	short_size numeric,
	exposure numeric,
	net_exposure numeric,
	net_pnl numeric
);

ALTER TYPE pms.limit_basis OWNER TO pms_owner;

--
-- Name: TYPE limit_basis; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.limit_basis IS 'The holdings that limits judge: a total of pms.portfolio_totals

account *: over all accounts; asset *: over all assets. Amounts in USDT.';

--
-- Name: limit_state; Type: TYPE; Schema: pms; Owner: pms_owner
--

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

ALTER TYPE pms.limit_state OWNER TO pms_owner;

--
-- Name: TYPE limit_state; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.limit_state IS 'A limit and how far it is used

account: null is all accounts; asset: null is all assets. level: ok, warn or breach.';

--
-- Name: limit_change; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.limit_change AS (
	before pms.limit_state,
	after pms.limit_state,
	is_worse boolean
);

ALTER TYPE pms.limit_change OWNER TO pms_owner;

--
-- Name: TYPE limit_change; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.limit_change IS 'A limit before and after a simulated fill

is_worse: it is breached after the fill, and further than before.';

--
-- Name: marked_leg; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.marked_leg AS (
	leg pms.changed_leg,
	cause text,
	exposure pms.exposure_change
);

ALTER TYPE pms.marked_leg OWNER TO pms_owner;

--
-- Name: TYPE marked_leg; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.marked_leg IS 'A leg that has a new mark price

cause: the update_source of its event, by the source of the price.';

--
-- Name: metric_sample; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.metric_sample AS (
	name text,
	kind text,
	help text,
	suffix text,
	labels text,
	value text
);

ALTER TYPE pms.metric_sample OWNER TO pms_owner;

--
-- Name: TYPE metric_sample; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.metric_sample IS 'A line of Prometheus: the name it is declared by, what stands behind that, and the value.';

--
-- Name: open_lot; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.open_lot AS (
	entry_id bigint,
	executed_at timestamp with time zone,
	quantity numeric,
	cost numeric
);

ALTER TYPE pms.open_lot OWNER TO pms_owner;

--
-- Name: TYPE open_lot; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.open_lot IS 'The open rest of an entry, first in first out, and its cost.';

--
-- Name: order_progress; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.order_progress AS (
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

ALTER TYPE pms.order_progress OWNER TO pms_owner;

--
-- Name: TYPE order_progress; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.order_progress IS 'What an order has applied so far, and the last step of it

party: the asset, leg and side it belongs to, null before its first fill. executed_*: the sum of its
executions, also of those that a total had counted before they came. step_*: what the last event
added; refusal: why it was not applied, as a reason code.';

--
-- Name: order_event; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	executed_at timestamp with time zone,
	applied pms.order_progress
);

ALTER TYPE pms.order_event OWNER TO pms_owner;

--
-- Name: TYPE order_event; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.order_event IS 'One order event as the ledger sees it

kind: trade or funding. outcome is null while nothing speaks against it; a cumulative one carries
its order''s totals. Classified: one without an outcome applies, and where the order sends totals,
applied says what of the event is new.';

--
-- Name: order_message; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	mode_read text,
	side_read text,
	quantity_read numeric,
	price_read numeric,
	fee_read numeric,
	amount_read numeric,
	executed_at_read timestamp with time zone
);

ALTER TYPE pms.order_message OWNER TO pms_owner;

--
-- Name: TYPE order_message; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.order_message IS 'An order event as its message writes it

Texts, whatever the shape of the message, and *_read: their values, with the defaults filled in;
null where a text is no such value. is_status: a status event, whose quantity, price and fee are the
totals of its order.';

--
-- Name: outbox_event; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.outbox_event AS (
	aggregatetype text,
	aggregateid text,
	type text,
	trace_id text,
	payload jsonb
);

ALTER TYPE pms.outbox_event OWNER TO pms_owner;

--
-- Name: TYPE outbox_event; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.outbox_event IS 'An event to publish

The columns are those of pms.outbox. payload: the fields of its type, without those that every event
has.';

--
-- Name: outcome; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.outcome AS (
	ordinal integer,
	outcome text,
	reason text,
	detail text,
	trace_id text
);

ALTER TYPE pms.outcome OWNER TO pms_owner;

--
-- Name: TYPE outcome; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.outcome IS 'What became of one message of a batch

outcome: applied, duplicate, ignored, stale or rejected; reason: a code, detail: the field
and what is wrong with it. ordinal counts from 1 in the order of the batch.';

--
-- Name: portfolio_total; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	unpriced text[],
	complete boolean
);

ALTER TYPE pms.portfolio_total OWNER TO pms_owner;

--
-- Name: TYPE portfolio_total; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.portfolio_total IS 'The sum of the positions of an account, of an asset, or of both

account is null where is_all_accounts, asset where is_all_assets. size is long_size - short_size.
Amounts are in USDT and exact. unpriced: the assets of positions that are left out of an amount, for
lack of a price or of a rate of their settlement currency; complete: there are none.';

--
-- Name: portfolio_reading; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.portfolio_reading AS (
	read_at timestamp with time zone,
	seen_before xid8,
	row_count bigint,
	totals pms.portfolio_total[],
	limits pms.limit_state[]
);

ALTER TYPE pms.portfolio_reading OWNER TO pms_owner;

--
-- Name: TYPE portfolio_reading; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.portfolio_reading IS 'The totals and limits in one snapshot, and what that snapshot has seen

totals and limits are null if they are those of the last reading. See pms.portfolio_readings.';

--
-- Name: portfolio_summary; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.portfolio_summary AS (
	total pms.portfolio_total,
	by_asset text
);

ALTER TYPE pms.portfolio_summary OWNER TO pms_owner;

--
-- Name: TYPE portfolio_summary; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.portfolio_summary IS 'What the portfolio shows: the total, and by asset

total: without the amounts that it does not show, such as fees. by_asset: an object of the contract,
as JSON text.';

--
-- Name: position_figures; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.position_figures AS (
	account text,
	asset text,
	mode text,
	position_id uuid,
	multiplier numeric,
	is_inverse boolean,
	settlement_currency text,
	mark_price numeric,
	priced_at timestamp with time zone,
	usdt_rate numeric,
	size numeric,
	long_size numeric,
	short_size numeric,
	cost numeric,
	cost_basis numeric,
	market_value numeric,
	exposure numeric,
	unrealized_pnl numeric,
	realized_pnl numeric,
	fees_paid numeric,
	funding numeric,
	net_pnl numeric,
	unconverted_fees bigint,
	open_legs bigint,
	opened_at timestamp with time zone,
	closed_at timestamp with time zone,
	needs_review boolean,
	updated_at timestamp with time zone,
	last_snapshot_at timestamp with time zone,
	created_at timestamp with time zone,
	version bigint
);

ALTER TYPE pms.position_figures OWNER TO pms_owner;

--
-- Name: TYPE position_figures; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.position_figures IS 'The sums over the legs of a position

Amounts in the settlement currency. market_value and exposure are null when an open leg has no price:
it is not worth 0. unrealized_pnl leaves it out.';

--
-- Name: pre_trade_side; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.pre_trade_side AS (
	totals pms.portfolio_total[],
	judged pms.portfolio_total[]
);

ALTER TYPE pms.pre_trade_side OWNER TO pms_owner;

--
-- Name: TYPE pre_trade_side; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.pre_trade_side IS 'The totals of one side of a simulated fill

totals: as published; judged: as the limits see them, with a price for the asset of the fill.';

--
-- Name: price_event; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.price_event AS (
	ordinal integer,
	outcome text,
	reason text,
	detail text,
	trace_id text,
	asset text,
	mark_price numeric,
	priced_at timestamp with time zone,
	source text
);

ALTER TYPE pms.price_event OWNER TO pms_owner;

--
-- Name: TYPE price_event; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.price_event IS 'One price as it walks through a batch: read, then decided.';

--
-- Name: priced_leg; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.priced_leg AS (
	account text,
	position_id uuid,
	asset text,
	mode text,
	leg text,
	multiplier numeric,
	is_inverse boolean,
	settlement_currency text,
	size numeric,
	cost numeric,
	realized numeric,
	fees_open numeric,
	fees_close numeric,
	funding numeric,
	opened_at timestamp with time zone,
	closed_at timestamp with time zone,
	mark_price numeric,
	priced_at timestamp with time zone,
	usdt_rate numeric,
	unconverted_fees bigint,
	version bigint,
	needs_review boolean,
	created_at timestamp with time zone,
	updated_at timestamp with time zone,
	last_snapshot_at timestamp with time zone
);

ALTER TYPE pms.priced_leg OWNER TO pms_owner;

--
-- Name: TYPE priced_leg; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.priced_leg IS 'A leg with all that its published figures are made of

The state of the leg, how its instrument is valued, and the price and the rate of the moment;
mark_price and usdt_rate are null when there is none. Legs of one position agree in all that is the
position''s and the instrument''s.';

--
-- Name: reconciled_position; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.reconciled_position AS (
	seen pms.discrepancies[],
	objection text,
	is_changed boolean
);

ALTER TYPE pms.reconciled_position OWNER TO pms_owner;

--
-- Name: TYPE reconciled_position; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.reconciled_position IS 'The result of reconciling one position

seen: its discrepancies as recorded; objection: why it could not be reconciled; is_changed: a leg
was changed.';

--
-- Name: round_trip; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.round_trip AS (
	leg text,
	direction text,
	opened_at timestamp with time zone,
	closed_at timestamp with time zone,
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
	settlement_currency text
);

ALTER TYPE pms.round_trip OWNER TO pms_owner;

--
-- Name: TYPE round_trip; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.round_trip IS 'A leg from flat to flat

A flip is one entry in two cycles: it ends one and begins the next, its fee shared as in the fold.
direction: long or short. peak_size and quantity_traded are unsigned. realized is gross, net_pnl =
realized - fees_paid + funding. mae and mfe: the worst and the best that realized and unrealized
together came to, from the 0 at the start on, before fees and funding, by the prices that were kept;
null when there is none (price_minutes 0). Amounts are in the settlement currency.';

--
-- Name: round_trip_flow; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.round_trip_flow AS (
	cycle bigint,
	entry_id bigint,
	kind text,
	executed_at timestamp with time zone,
	next_at timestamp with time zone,
	is_opening boolean,
	is_closing boolean,
	entry_quantity numeric,
	entry_value numeric,
	exit_quantity numeric,
	exit_value numeric,
	realized numeric,
	fees numeric,
	funding numeric,
	held pms.leg_state
);

ALTER TYPE pms.round_trip_flow OWNER TO pms_owner;

--
-- Name: TYPE round_trip_flow; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.round_trip_flow IS 'What one entry did in one cycle of its leg

entry_* and exit_*: what it opened and what it closed, signed; an opening or an adjustment re-bases
what was opened. held: the leg right after it, until next_at; null beside the part of a flip that closes.';

--
-- Name: transfer; Type: TYPE; Schema: pms; Owner: pms_owner
--

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

ALTER TYPE pms.transfer OWNER TO pms_owner;

--
-- Name: TYPE transfer; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.transfer IS 'A transfer as it is asked for, read and checked

price: null is at cost. objections: what is wrong, by field; null when nothing is.';

--
-- Name: venue_comparison; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.venue_comparison AS (
	account text,
	asset text,
	mode text,
	leg text,
	size numeric,
	average_price numeric,
	mark_price numeric,
	unrealized_pnl numeric,
	seq bigint,
	reported_at timestamp with time zone,
	recorded_at timestamp with time zone,
	trace_id text,
	due_at timestamp with time zone,
	size_validation_threshold numeric,
	avg_price_diff_threshold numeric,
	multiplier numeric,
	is_inverse boolean,
	last_executed_at timestamp with time zone,
	is_newest boolean,
	held numeric,
	held_cost numeric,
	kind text
);

ALTER TYPE pms.venue_comparison OWNER TO pms_owner;

--
-- Name: TYPE venue_comparison; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.venue_comparison IS 'A report of the venue and our leg at the time of the report

Up to trace_id: the report; size is signed. due_at: from then on an unexplained position is adopted.
held, held_cost: our size and cost at that time; is_newest: no entry of ours is newer. kind: how
they differ.';

--
-- Name: venue_report; Type: TYPE; Schema: pms; Owner: pms_owner
--

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
	reported_at timestamp with time zone
);

ALTER TYPE pms.venue_report OWNER TO pms_owner;

--
-- Name: TYPE venue_report; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.venue_report IS 'One position as the venue reports it: read, then decided

size is signed; a missing mark price is implied by size, average and unrealized PnL.';

--
-- Name: verified_part; Type: TYPE; Schema: pms; Owner: pms_owner
--

CREATE TYPE pms.verified_part AS (
	after pms.leg_key,
	verified bigint
);

ALTER TYPE pms.verified_part OWNER TO pms_owner;

--
-- Name: TYPE verified_part; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TYPE pms.verified_part IS 'How far a step of the verification has come

after: its last leg; null when no leg is left. verified: how many legs or positions.';

--
-- Name: accept_discrepancy(text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.accept_discrepancy(id text DEFAULT NULL::text, note text DEFAULT NULL::text, encoded_note text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_decision(id, note, encoded_note);
    v_id uuid := (asked.value ->> 'id')::uuid;
    command pms.command := pms.begin_command('accept_discrepancy', asked.given);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.decision_response(
                v_id,
                pms.decide_discrepancy(
                    v_id, 'accepted', asked.value ->> 'note', command.actor, command.trace_id
                )
            )
        )
    );
END
$$;

ALTER FUNCTION api.accept_discrepancy(id text, note text, encoded_note text) OWNER TO pms_owner;

--
-- Name: FUNCTION accept_discrepancy(id text, note text, encoded_note text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.accept_discrepancy(id text, note text, encoded_note text) IS 'Apply the proposal of a discrepancy

Also where the rules alone would not: the report of the venue becomes an adjustment as of its time, a
row or a checkpoint is rebuilt from the ledger. Answers the discrepancy with its new status. note:
the reason, at most 500 characters. encoded_note: the same, as a URL has it.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open, or accepting it would apply nothing';

--
-- Name: begin_job(text, boolean); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.begin_job(job text, only_when_due boolean DEFAULT false) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    begun record;
BEGIN
    SELECT b.run, b.said
    INTO STRICT begun
    FROM pms.begin_job(begin_job.job, begin_job.only_when_due) b;

    -- A scheduler tries every job once a minute.
    IF begun.run IS NOT NULL THEN
        PERFORM pms.audit_command(
            'begin_job', jsonb_build_object('job', begin_job.job, 'run', begun.run)
        );
    END IF;

    RETURN jsonb_build_object('run', begun.run, 'said', begun.said);
END
$$;

ALTER FUNCTION api.begin_job(job text, only_when_due boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION begin_job(job text, only_when_due boolean); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.begin_job(job text, only_when_due boolean) IS 'Begin a run of a job, unless another session does or it is not due

Answers {run, said}. Commit, then hand run to continue_job, and commit, until its status is not
running; nobody else runs the job until this session ends. run null: there is nothing to do, and
said says why. job: as api.jobs lists them. only_when_due: not before its interval has passed since
its last success began.

Refuses with:
- 22023 when there is no such job';

--
-- Name: bust_fill(text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.bust_fill(execution_id text DEFAULT NULL::text, identity text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_bust jsonb := jsonb_build_object(
        'execution_id', execution_id, 'identity', identity, 'account', account
    );
    command pms.command := pms.begin_command('bust_fill', v_bust, pms.resolve_account(account));
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('trade_busted', jsonb_build_array(jsonb_strip_nulls(v_bust))) -> 0
            )
        )
    );
END
$$;

ALTER FUNCTION api.bust_fill(execution_id text, identity text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION bust_fill(execution_id text, identity text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.bust_fill(execution_id text, identity text, account text) IS 'Undo a fill that should never have happened

By its execution_id, or by its identity as api.fills shows it. The leg is folded again without it,
and the change of its realized PnL is kept as a restatement. Final: no correction brings it back.
One that is not recorded yet is taken back when it comes (reason pending_fill). Answers
{outcome, reason, detail, trace_id}; a second time it is a duplicate.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: check_fill(text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.check_fill(asset text DEFAULT NULL::text, side text DEFAULT NULL::text, quantity text DEFAULT NULL::text, price text DEFAULT NULL::text, fee text DEFAULT NULL::text, mode text DEFAULT NULL::text, position_side text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    AS $$
DECLARE
    v_account text := nullif(account, '');
    fill pms.order_event := pms.parse_simulated_fill(jsonb_build_object(
        'asset', asset,
        'side', side,
        'quantity', quantity,
        'price', price,
        'fee', fee,
        'mode', mode,
        'position_side', position_side,
        'account', pms.resolve_account(v_account)
    ));
    v_legs pms.priced_leg[];
    v_legs_after pms.priced_leg[];
    before pms.pre_trade_side;
    after pms.pre_trade_side;
BEGIN
    IF fill.outcome = 'rejected' THEN
        RETURN pms.validation_error(jsonb_build_object(
            split_part(fill.detail, ': ', 1), regexp_replace(fill.detail, '^[^:]*: ', '')
        ));
    END IF;

    v_legs := pms.current_legs(NULL);
    v_legs_after := pms.legs_after_fill(v_legs, fill);
    before := pms.pre_trade_totals(v_legs, fill);
    after := pms.pre_trade_totals(v_legs_after, fill);

    RETURN (
        SELECT jsonb_build_object(
            'allowed', bool_and(NOT c.is_worse) IS NOT FALSE,
            'fill', pms.simulated_fill_json(fill),
            'position', jsonb_build_object(
                'before', pms.simulated_position_json(v_legs, fill),
                'after', pms.simulated_position_json(v_legs_after, fill)
            ),
            'portfolio', jsonb_build_object(
                'before', pms.portfolio_json(pms.total_of(before.totals, v_account, NULL)),
                'after', pms.portfolio_json(pms.total_of(after.totals, v_account, NULL))
            ),
            'limits', coalesce(
                jsonb_agg(
                    pms.limit_json(c.before) || jsonb_build_object(
                        'before', pms.limit_usage_json(c.before),
                        'after', pms.limit_usage_json(c.after)
                    )
                    ORDER BY (c.before).scope DESC, (c.before).id
                ),
                '[]'
            ),
            'calculated_at', pms.time_text(clock_timestamp())
        )
        FROM pms.pre_trade_limits(before, after, fill.account) c
    );
END
$$;

ALTER FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) IS 'Check the effect of a fill without recording it

The position of the fill (account main, mode one-way unless said), the portfolio (of the account
that is named, else of all accounts) and every limit that concerns it, before and after. allowed is
false when a limit would be breached that is not, or further than it is. price: the mark price when
absent; fee: in the settlement currency. unpriced names the assets that are left out of the totals
for lack of a price or a rate; the limits value the asset of the fill at its price, when it has no
other.

Refuses with:
- 400 VALIDATION_ERROR when an argument is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: closed_cycles(text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.closed_cycles(asset text, mode text DEFAULT 'one-way'::text, account text DEFAULT NULL::text, from_time timestamp with time zone DEFAULT NULL::timestamp with time zone, to_time timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS SETOF pms.round_trip
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_account text := pms.resolve_account(closed_cycles.account);
    v_mode text := lower(closed_cycles.mode);
BEGIN
    IF (v_mode IN ('one-way', 'hedge')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown mode',
            DETAIL = format('mode is %L', closed_cycles.mode),
            HINT = 'A mode is one-way or hedge.';
    END IF;

    RETURN QUERY
    SELECT c.*
    FROM pms.position_legs(v_mode) k
    CROSS JOIN LATERAL pms.round_trips(
        v_account, upper(closed_cycles.asset), v_mode, k.leg,
        coalesce(
            closed_cycles.from_time,
            least(closed_cycles.to_time, now()) - INTERVAL '30 days'
        ),
        coalesce(closed_cycles.to_time, 'infinity')
    ) c
    ORDER BY c.closed_at DESC, c.closing_entry_id DESC;
END
$$;

ALTER FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) IS 'Show the closed cycles of a position, newest first

A cycle is a leg from flat to flat; a flip ends one and begins the next, and shares its fee between
them. Those that closed from from_time (default: 30 days before to_time, or before now) to to_time,
inclusive. direction: long or short; average_entry_price: of all that opened,
average_exit_price: of all that closed; peak_size, quantity_traded: unsigned; realized: gross;
net_pnl = realized - fees_paid + funding. mae and mfe: the worst and the best that realized and
unrealized together came to since the cycle began at 0, before fees and funding, by the kept prices
(in a minute in which the leg had an entry: by its first and last); null when there was none.
Amounts are in the settlement currency. No rows: nothing closed then.

Refuses with:
- 400 `unknown mode`
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: continue_job(bigint); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.continue_job(run bigint) RETURNS jsonb
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT jsonb_build_object(
    'run', c.id,
    'job', c.job,
    'status', c.status,
    'started_at', pms.time_text(c.started_at),
    'finished_at', pms.time_text(c.finished_at),
    'steps', c.steps,
    'result', c.result,
    'error', c.error,
    'error_code', c.error_code
)
FROM pms.continue_job(continue_job.run) c
$$;

ALTER FUNCTION api.continue_job(run bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION continue_job(run bigint); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.continue_job(run bigint) IS 'Take the next step of a run that begin_job has begun

Answers {run, job, status, started_at, finished_at, steps, result, error, error_code}. While status
is running there is more to do: commit, and call it again. failed: error says why, and what the
steps before have done stays. A run that is over is answered as it ended.

Refuses with:
- 55006 when another session runs the job';

--
-- Name: correct_fill(text, text, text, text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.correct_fill(correction_id text DEFAULT NULL::text, execution_id text DEFAULT NULL::text, identity text DEFAULT NULL::text, side text DEFAULT NULL::text, execution_quantity text DEFAULT NULL::text, execution_price text DEFAULT NULL::text, execution_fees text DEFAULT NULL::text, fee_currency text DEFAULT NULL::text, executed_at text DEFAULT NULL::text, corrected_at text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_correction jsonb := jsonb_build_object(
        'correction_id', correction_id,
        'execution_id', execution_id,
        'identity', identity,
        'side', side,
        'execution_quantity', execution_quantity,
        'execution_price', execution_price,
        'execution_fees', execution_fees,
        'fee_currency', fee_currency,
        'executed_at', executed_at,
        'corrected_at', corrected_at,
        'account', account
    );
    command pms.command := pms.begin_command(
        'correct_fill', v_correction, pms.resolve_account(account)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            (
                -- The timestamp of a message is corrected_at here.
                SELECT pms.outcome_response(
                    o.outcome || jsonb_build_object(
                        'detail', regexp_replace(o.outcome ->> 'detail', '^timestamp:', 'corrected_at:')
                    )
                )
                FROM jsonb_array_elements(
                    pms.submit(
                        'trade_corrected',
                        jsonb_build_array(jsonb_strip_nulls(
                            v_correction - 'corrected_at'
                            || jsonb_build_object('timestamp', corrected_at)
                        ))
                    )
                ) o (outcome)
            )
        )
    );
END
$$;

ALTER FUNCTION api.correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text) IS 'Correct a fill that was reported wrong

By its execution_id, or by its identity as api.fills shows it. Omitted fields stay as they were
first reported. correction_id and corrected_at say which correction it is: of several of one fill
the newest counts, in whatever order they come; sent again it is a duplicate. The leg is folded
again, and the change of its realized PnL is kept as a restatement. One whose fill is not recorded
yet waits for it (reason pending_fill). Answers {outcome, reason, detail, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the correction_id was used before with other content';

--
-- Name: api_keys; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.api_keys (
    id text NOT NULL,
    digest bytea NOT NULL,
    handle text NOT NULL,
    fingerprint bytea,
    role text NOT NULL,
    name text NOT NULL,
    tier text DEFAULT 'default'::text NOT NULL,
    account_scope text[],
    replaces text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_account_scope_is_names CHECK ((array_to_string(account_scope, ','::text, '?'::text) ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(,[A-Za-z0-9][A-Za-z0-9._-]{0,63})*$'::text)),
    CONSTRAINT api_keys_digest_is_sha256 CHECK ((length(digest) = 32)),
    CONSTRAINT api_keys_fingerprint_is_md5 CHECK ((length(fingerprint) = 16)),
    CONSTRAINT api_keys_handle_is_a_name CHECK ((handle ~ '^([a-z0-9-]{1,32}|[?])$'::text)),
    CONSTRAINT api_keys_id_is_a_name CHECK ((id ~ '^[a-z0-9-]{1,32}$'::text)),
    CONSTRAINT api_keys_name_is_short CHECK (((length(name) >= 1) AND (length(name) <= 64))),
    CONSTRAINT api_keys_role_is_known CHECK ((role = ANY (ARRAY['reader'::text, 'trader'::text, 'operator'::text]))),
    CONSTRAINT api_keys_tier_is_a_name CHECK ((tier ~ '^[A-Za-z0-9-]{1,64}$'::text))
);

ALTER TABLE pms.api_keys OWNER TO pms_owner;

--
-- Name: TABLE api_keys; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.api_keys IS 'Keys of REST clients. The key itself is never stored.';

--
-- Name: COLUMN api_keys.id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.id IS 'Names the key in logs and limits; no secret.';

--
-- Name: COLUMN api_keys.digest; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.digest IS 'sha256 of the whole key text.';

--
-- Name: COLUMN api_keys.handle; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.handle IS 'The part between pms_ and _ in the key; ? for a key of another form.';

--
-- Name: COLUMN api_keys.fingerprint; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.fingerprint IS 'md5 of position-manager:<key>, by which the gateway, which has no sha256, recognizes the holder of
the key. Null: the key shares the limit of its address.';

--
-- Name: COLUMN api_keys.tier; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.tier IS 'Name of the rate limit.';

--
-- Name: COLUMN api_keys.account_scope; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.account_scope IS 'Accounts the key is limited to; null: all.';

--
-- Name: COLUMN api_keys.replaces; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.api_keys.replaces IS 'The key that this one replaced by rotation.';

--
-- Name: key_uses; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.key_uses (
    key_id text NOT NULL,
    requests bigint NOT NULL,
    last_used_at timestamp with time zone NOT NULL,
    last_used_from text NOT NULL,
    CONSTRAINT key_uses_from_is_short CHECK ((length(last_used_from) <= 64)),
    CONSTRAINT key_uses_requests_positive CHECK ((requests > 0))
);

ALTER TABLE pms.key_uses OWNER TO pms_owner;

--
-- Name: TABLE key_uses; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.key_uses IS 'Use of each key, taken from the log of the gateway: a read writes nothing.';

--
-- Name: COLUMN key_uses.requests; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.key_uses.requests IS 'Requests that the key authorized.';

--
-- Name: COLUMN key_uses.last_used_from; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.key_uses.last_used_from IS 'The address of the client.';

--
-- Name: read_only; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.read_only AS
 SELECT true AS is_read_only;

ALTER TABLE pms.read_only OWNER TO pms_owner;

--
-- Name: VIEW read_only; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.read_only IS 'One row that makes a view over a single table read-only

PostgreSQL treats a view over a single table as updatable, and PostgREST describes it as such,
regardless of grants. The join makes it read-only, at no cost: the planner removes it.';

--
-- Name: keys; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.keys AS
 SELECT k.id,
    k.name,
    k.role,
    k.tier,
    k.account_scope,
        CASE
            WHEN (k.revoked_at <= now()) THEN 'revoked'::text
            WHEN (k.expires_at <= now()) THEN 'expired'::text
            ELSE 'live'::text
        END AS status,
    k.replaces,
    k.created_at,
    k.expires_at,
    k.revoked_at,
    u.last_used_at,
    u.last_used_from
   FROM ((pms.api_keys k
     LEFT JOIN pms.key_uses u ON ((k.id = u.key_id)))
     CROSS JOIN pms.read_only);

ALTER TABLE api.keys OWNER TO pms_owner;

--
-- Name: VIEW keys; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.keys IS 'API keys, without their secrets

The service does not store the keys themselves.';

--
-- Name: COLUMN keys.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.id IS 'The public part of the key, as shown in logs.';

--
-- Name: COLUMN keys.name; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.name IS 'The owner.';

--
-- Name: COLUMN keys.role; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.role IS 'reader, trader or operator.';

--
-- Name: COLUMN keys.tier; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.tier IS 'The name of the rate limit.';

--
-- Name: COLUMN keys.account_scope; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.account_scope IS 'The accounts the key is limited to; null means all.';

--
-- Name: COLUMN keys.status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.status IS 'live, expired or revoked.';

--
-- Name: COLUMN keys.replaces; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.replaces IS 'The key that this one replaced by rotation.';

--
-- Name: COLUMN keys.created_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.created_at IS 'When the key was created.';

--
-- Name: COLUMN keys.expires_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.expires_at IS 'When the key expires; null means never.';

--
-- Name: COLUMN keys.revoked_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.revoked_at IS 'When the key was revoked; null if it was not.';

--
-- Name: COLUMN keys.last_used_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.last_used_at IS 'The last accepted request, from the log of the gateway; null if there was none.';

--
-- Name: COLUMN keys.last_used_from; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.keys.last_used_from IS 'The client address of that request.';

--
-- Name: create_key(text, bytea, text, text, text, text[], timestamp with time zone, bytea); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.create_key(id text, digest bytea, role text, name text, tier text DEFAULT 'default'::text, account_scope text[] DEFAULT NULL::text[], expires_at timestamp with time zone DEFAULT NULL::timestamp with time zone, fingerprint bytea DEFAULT NULL::bytea) RETURNS api.keys
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    created api.keys;
BEGIN
    INSERT INTO pms.api_keys (
        id, digest, handle, fingerprint, role, name, tier, account_scope, expires_at
    )
    VALUES (
        create_key.id, create_key.digest, create_key.id, create_key.fingerprint,
        create_key.role, create_key.name, create_key.tier, create_key.account_scope,
        create_key.expires_at
    );

    SELECT k.* INTO STRICT created FROM api.keys k WHERE k.id = create_key.id;
    PERFORM pms.audit_command(
        'create_key',
        jsonb_build_object(
            'id', create_key.id,
            'role', create_key.role,
            'name', create_key.name,
            'tier', create_key.tier,
            'account_scope', create_key.account_scope,
            'expires_at', create_key.expires_at
        )
    );
    RETURN created;
END
$$;

ALTER FUNCTION api.create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea) OWNER TO pms_owner;

--
-- Name: FUNCTION create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea) IS 'Let a key in

The caller makes the key, pms_<id>_<secret>, and passes only digest, the sha256 of the whole key.
role: reader, trader or operator. account_scope: the accounts it is bound to; null is all. expires_at: null is
never. fingerprint: the md5 of position-manager:<key>, for the gateway; without it the key has no
limit of its own and shares that of its address.

Refuses with:
- 23505 when the id is taken
- 23514 when a value is out of its range (the constraint names it)';

--
-- Name: create_snapshot(text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.create_snapshot(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset), ('mode', 'mode', mode), ('account', 'account', account)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    command pms.command := pms.begin_command('create_snapshot', asked.given, v_account);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.created_response((
                SELECT pms.snapshot_json(s)
                FROM pms.take_snapshot(v_account, v_asset, v_mode, command.trace_id) s
            )),
            pms.position_not_found(v_account, v_asset, v_mode)
        )
    );
END
$$;

ALTER FUNCTION api.create_snapshot(asset text, mode text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION create_snapshot(asset text, mode text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.create_snapshot(asset text, mode text, account text) IS 'Take a snapshot of a position

Answers 201 with the snapshot; position_snapshot_created is published. Without mode: one-way; without
account: main.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: create_snapshots(text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.create_snapshots(account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account)]::pms.argument[]
    );
    command pms.command := pms.begin_command('create_snapshots', asked.given, account);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.created_response((
                SELECT jsonb_build_object(
                    'count', t.snapshots, 'created_at', pms.time_text(t.taken_at)
                )
                FROM pms.take_account_snapshots(
                    pms.require_account(asked.value ->> 'account'), command.trace_id
                ) t
            ))
        )
    );
END
$$;

ALTER FUNCTION api.create_snapshots(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION create_snapshots(account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.create_snapshots(account text) IS 'Take a snapshot of every open or changed position

Those that are open or have changed since their last snapshot. Answers 201 with {count,
created_at}: one moment for all; position_snapshot_created is published for each. Without account: of
all accounts.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: define_instrument(text, text, numeric, text, text, boolean); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.define_instrument(asset text, kind text DEFAULT 'linear'::text, multiplier numeric DEFAULT 1, quote_currency text DEFAULT 'USDT'::text, settlement_currency text DEFAULT 'USDT'::text, allows_negative_price boolean DEFAULT false) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_asset text := upper(define_instrument.asset);
    held pms.instruments;
BEGIN
    INSERT INTO pms.instruments (asset) VALUES (v_asset)
    ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

    SELECT i.* INTO STRICT held
    FROM pms.instruments i
    WHERE i.asset = v_asset
    FOR UPDATE;

    -- Entries counted by one rule cannot be valued by another one afterwards.
    IF (held.kind, held.multiplier, held.settlement_currency) IS DISTINCT FROM
        (
            define_instrument.kind, define_instrument.multiplier,
            upper(define_instrument.settlement_currency)
        )
        AND EXISTS (SELECT 1 FROM pms.positions p WHERE p.asset = v_asset AND p.version > 0)
    THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'instrument already traded',
            DETAIL = format(
                '%s is counted as %s, multiplier %s, in %s',
                v_asset, held.kind, held.multiplier, held.settlement_currency
            ),
            HINT = 'Define an instrument before its first fill arrives.';
    END IF;

    UPDATE pms.instruments i
    SET kind = define_instrument.kind,
        multiplier = define_instrument.multiplier,
        quote_currency = upper(define_instrument.quote_currency),
        settlement_currency = upper(define_instrument.settlement_currency),
        allows_negative_price = define_instrument.allows_negative_price,
        is_assumed = FALSE
    WHERE i.asset = v_asset;
    PERFORM pms.audit_command(
        'define_instrument',
        jsonb_build_object(
            'kind', define_instrument.kind,
            'multiplier', define_instrument.multiplier,
            'quote_currency', define_instrument.quote_currency,
            'settlement_currency', define_instrument.settlement_currency,
            'allows_negative_price', define_instrument.allows_negative_price,
            'asset', v_asset
        ),
        NULL,
        v_asset
    );
END
$$;

ALTER FUNCTION api.define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean) IS 'Say how an instrument is valued, before it is traded

kind: linear, inverse or spot. multiplier > 0. Safe to repeat.

Refuses with:
- 400 when a value is out of its range (the constraint names it)
- 409 `instrument already traded` when it would count existing positions by another rule';

--
-- Name: dismiss_discrepancy(text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.dismiss_discrepancy(id text DEFAULT NULL::text, note text DEFAULT NULL::text, encoded_note text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_decision(id, note, encoded_note);
    v_id uuid := (asked.value ->> 'id')::uuid;
    command pms.command := pms.begin_command('dismiss_discrepancy', asked.given);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            pms.decision_response(
                v_id,
                pms.decide_discrepancy(
                    v_id, 'dismissed', asked.value ->> 'note', command.actor, command.trace_id
                )
            )
        )
    );
END
$$;

ALTER FUNCTION api.dismiss_discrepancy(id text, note text, encoded_note text) OWNER TO pms_owner;

--
-- Name: FUNCTION dismiss_discrepancy(id text, note text, encoded_note text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.dismiss_discrepancy(id text, note text, encoded_note text) IS 'Dismiss a discrepancy until its values change

It is not fixed and needs no review until its values change. Answers the discrepancy with its new
status. note: the reason, at most 500 characters. encoded_note: the same, as a URL has it.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 404 NOT_FOUND when there is no such discrepancy
- 409 CONFLICT when it is not open';

--
-- Name: drop_dead_letter(bigint); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.drop_dead_letter(id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    command pms.command := pms.begin_command(
        'drop_dead_letter', jsonb_build_object('id', id)
    );
BEGIN
    PERFORM pms.require_unscoped_key();

    DELETE FROM pms.rejected_messages r
    WHERE r.id = drop_dead_letter.id
        AND command.answer IS NULL;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            CASE
                WHEN FOUND
                    THEN jsonb_build_object('id', drop_dead_letter.id, 'outcome', 'dropped')
                ELSE pms.dead_letter_not_found(id)
            END
        )
    );
END
$$;

ALTER FUNCTION api.drop_dead_letter(id bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION drop_dead_letter(id bigint); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.drop_dead_letter(id bigint) IS 'Throw a refused message away

Answers {id, outcome}. Sent again and refused again it is there again.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: get_closed_cycles(text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_closed_cycles(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, account text DEFAULT NULL::text, from_time text DEFAULT NULL::text, to_time text DEFAULT NULL::text, page_limit text DEFAULT NULL::text, page_offset text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('account', 'account', account),
            ('from', 'time', from_time),
            ('to', 'time', to_time),
            ('limit', 'limit', page_limit),
            ('offset', 'offset', page_offset)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode
            AND p.version > 0
    ) THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN (
        -- Read twice: for the page and for the count (ADR 0002).
        WITH found AS MATERIALIZED (
            SELECT c AS cycle
            FROM api.closed_cycles(
                v_asset, v_mode, v_account, (asked.value ->> 'from')::timestamptz,
                coalesce((asked.value ->> 'to')::timestamptz, 'infinity')
            ) c
        ),

        page AS (
            SELECT f.cycle
            FROM found f
            ORDER BY (f.cycle).closed_at DESC, (f.cycle).closing_entry_id DESC
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        )

        SELECT jsonb_build_object(
            'cycles', coalesce(
                (
                    SELECT jsonb_agg(
                        pms.round_trip_json(g.cycle)
                        ORDER BY (g.cycle).closed_at DESC, (g.cycle).closing_entry_id DESC
                    )
                    FROM page g
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
    );
END
$$;

ALTER FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) IS 'List the closed cycles of a position, newest first

A cycle is a leg from flat to flat; see api.closed_cycles for the fields. from_time and to_time
bound closed_at, inclusive; without from_time: the 30 days before to_time, or before now. count is
of all that match, whatever the page. Without mode: one-way; without account: main; without
page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there';

--
-- Name: get_discrepancies(text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_discrepancies(status text DEFAULT NULL::text, asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, account text DEFAULT NULL::text, page_limit text DEFAULT NULL::text, page_offset text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('status', 'status', status),
        ('asset', 'asset', asset),
        ('mode', 'mode', mode),
        ('account', 'account', account),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset)
    ]::pms.argument[]);
    v_status text := coalesce(asked.value ->> 'status', 'open');
    v_asset text := asked.value ->> 'asset';
    v_mode text := asked.value ->> 'mode';
    v_account text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;
    v_account := pms.require_account(asked.value ->> 'account');

    RETURN (
        -- Read twice: for the page and for the count (ADR 0002).
        WITH found AS MATERIALIZED (
            SELECT d AS discrepancy
            FROM pms.discrepancies d
            WHERE (v_status = 'all' OR d.status = v_status)
                AND (v_asset IS NULL OR d.asset = v_asset)
                AND (v_mode IS NULL OR d.mode = v_mode)
                AND (v_account IS NULL OR d.account = v_account)
                AND pms.in_scope(d.account)
        ),

        page AS (
            SELECT f.discrepancy
            FROM found f
            ORDER BY (f.discrepancy).last_seen_at DESC, (f.discrepancy).id
            LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
            OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
        )

        SELECT jsonb_build_object(
            'discrepancies', coalesce(
                (
                    SELECT jsonb_agg(
                        pms.discrepancy_json(g.discrepancy)
                        ORDER BY (g.discrepancy).last_seen_at DESC, (g.discrepancy).id
                    )
                    FROM page g
                ),
                '[]'
            ),
            'count', (SELECT count(*) FROM found)
        )
    );
END
$$;

ALTER FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) IS 'List discrepancies

The last seen first. Without status: open ones; all: whatever became of them. count is of
all that match, whatever the page. Without page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: get_exposure(text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_exposure(account text DEFAULT NULL::text) RETURNS api."application/json"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    RETURN pms.summarize_portfolio('exposure', account);
END
$$;

ALTER FUNCTION api.get_exposure(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_exposure(account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_exposure(account text) IS 'Show the exposure

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: get_health(); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_health() RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_is_connected boolean := pms.queue_connected();
    v_health jsonb;
BEGIN
    v_health := pms.backlog() || pms.last_verification() || jsonb_build_object(
        'status', CASE WHEN v_is_connected THEN 'healthy' ELSE 'unhealthy' END,
        'service', 'position-manager',
        'database_connected', TRUE,
        'queue_connected', v_is_connected,
        'jobs', pms.job_ages(),
        'positions_count', (
            SELECT count(DISTINCT (p.account, p.asset, p.mode))
            FROM pms.positions p
            WHERE p.version > 0
        ),
        'timestamp', pms.time_text(clock_timestamp())
    );

    IF NOT v_is_connected THEN
        PERFORM set_config('response.status', '503', TRUE);
        -- The gateway replaces the body of every 503; this is how ours gets through.
        PERFORM set_config(
            'response.headers',
            jsonb_build_array(jsonb_build_object('X-Health', v_health::text))::text,
            TRUE
        );
    END IF;

    RETURN v_health;
END
$$;

ALTER FUNCTION api.get_health() OWNER TO pms_owner;

--
-- Name: FUNCTION get_health(); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_health() IS 'Show the health of the service

503 when the queue is not connected: a part of the worker reports it, or has been silent too long.
On top of the contract: worker_lag_ms, newest_fill_age_seconds, newest_price_age_seconds,
outbox_depth, outbox_age_seconds, dead_letters (stops at 10000); ledger_verified_at (changes
committed before it have been verified), ledger_discrepancies (the findings that stand: for people,
not for a supervisor that restarts services), oldest_verification_age_seconds (every part of the
ledger has been folded again within this time); jobs: of each {age_seconds, overdue}, the age being
that of its last success.';

--
-- Name: get_metrics(); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_metrics() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT pms.backlog() || pms.last_verification() || jsonb_build_object(
    'timestamp', pms.time_text(clock_timestamp()),
    'database_connected', TRUE,
    'queue_connected', pms.queue_connected(),
    'portfolio_cache_hit_rate', pms.decimal_text(pms.cache_hit_rate()),
    'jobs', pms.job_ages(),
    'prices', pms.price_ages(),
    'validation_statistics', (
        SELECT jsonb_build_object(
            'total_validations', v.total_validations,
            'total_discrepancies', v.total_discrepancies,
            'total_fixes', v.total_fixes,
            'total_errors', v.total_errors
        )
        FROM pms.validation_statistics v
    ),
    'worker', (
        SELECT coalesce(jsonb_object_agg(r.part, r.status), '{}')
        FROM pms.worker_reports r
        WHERE r.part IN ('ingest', 'relay')
    ),
    'http', (
        SELECT coalesce(jsonb_object_agg(f.key, f.value), '{}')
        FROM pms.worker_reports r
        CROSS JOIN LATERAL jsonb_each(r.status) f
        WHERE r.part = 'gateway'
    )
)
$$;

ALTER FUNCTION api.get_metrics() OWNER TO pms_owner;

--
-- Name: FUNCTION get_metrics(); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_metrics() IS 'Show the metrics of the service

portfolio_cache_hit_rate: the share of page reads of positions and prices that PostgreSQL served
from its buffers. prices: of the assets of open positions {oldest_seconds, fresh, stale, missing}.
worker: what each part last said of itself, counted since it started; http: the same of the gateway,
by its log: requests {path: {method: {status: count}}}, seconds {path: histogram}, limited (429, by
key or address), refused_keys. On top: the figures of health.';

--
-- Name: get_metrics_text(); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_metrics_text() RETURNS api."text/plain"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $_$
DECLARE
    v_metrics jsonb := api.get_metrics();
    v_text text;
BEGIN
    WITH sample AS (
        SELECT s.name, s.kind, s.help, '' AS suffix, s.labels, s.value
        FROM (
            VALUES
            ('queue_connected', 'gauge', 'Both parts of the worker reach the broker.', '',
                ((v_metrics -> 'queue_connected')::boolean::integer)::text),
            ('worker_lag_milliseconds', 'gauge', 'Since the last report of the worker.', '',
                v_metrics ->> 'worker_lag_ms'),
            ('newest_fill_age_seconds', 'gauge', 'Age of the newest fill.', '',
                v_metrics ->> 'newest_fill_age_seconds'),
            ('newest_price_age_seconds', 'gauge', 'Age of the newest mark price.', '',
                v_metrics ->> 'newest_price_age_seconds'),
            ('outbox_age_seconds', 'gauge', 'Age of the oldest event not yet confirmed.', '',
                v_metrics ->> 'outbox_age_seconds'),
            ('oldest_price_age_seconds', 'gauge', 'Of the prices of open positions.', '',
                v_metrics #>> '{prices,oldest_seconds}'),
            ('outbox_depth', 'gauge', 'Events not yet confirmed by the broker.', '',
                v_metrics ->> 'outbox_depth'),
            ('dead_letters', 'gauge', 'Rejected messages kept; stops at 10000.', '',
                v_metrics ->> 'dead_letters'),
            ('ledger_verified_timestamp_seconds', 'gauge', 'All changes before it are verified.', '',
                extract(EPOCH FROM (v_metrics ->> 'ledger_verified_at')::timestamptz)::text),
            ('ledger_discrepancies', 'gauge', 'Stored rows that differ from the ledger.', '',
                v_metrics ->> 'ledger_discrepancies'),
            ('oldest_verification_age_seconds', 'gauge', 'Each part was verified since.', '',
                v_metrics ->> 'oldest_verification_age_seconds'),
            ('cache_hit_ratio', 'gauge', 'Page reads served from memory.', '',
                v_metrics ->> 'portfolio_cache_hit_rate')
        ) s (name, kind, help, labels, value)
        UNION ALL
        SELECT
            replace(v.key, 'total_', 'validation_') || '_total', 'counter',
            'Since the first deploy.', '', '', v.value
        FROM jsonb_each_text(v_metrics -> 'validation_statistics') v
        UNION ALL
        SELECT
            f.name, 'gauge', f.help, '', format('{name="%s"}', j.key), f.value
        FROM jsonb_each(v_metrics -> 'jobs') j
        CROSS JOIN LATERAL (
            VALUES
            ('job_age_seconds', 'Since the last success of a job began.',
                j.value ->> 'age_seconds'),
            ('job_overdue', 'A job was due minutes ago and has not succeeded since.',
                ((j.value -> 'overdue')::boolean::integer)::text)
        ) f (name, help, value)
        UNION ALL
        SELECT
            'price_assets', 'gauge', 'Assets of open positions, by the state of their price.', '',
            format('{status="%s"}', p.key), p.value
        FROM jsonb_each_text(nullif(v_metrics -> 'prices', 'null') - 'oldest_seconds') p
        UNION ALL
        SELECT w.*
        FROM pms.worker_samples(v_metrics -> 'worker') w
        UNION ALL
        SELECT g.*
        FROM pms.gateway_samples(v_metrics -> 'http') g
    )

    SELECT string_agg(f.lines, '' ORDER BY f.name)
    INTO v_text
    FROM (
        SELECT
            s.name,
            format(
                E'# HELP position_manager_%1$s %2$s\n# TYPE position_manager_%1$s %3$s\n',
                s.name, max(s.help), max(s.kind)
            )
            || string_agg(
                format(E'position_manager_%s%s%s %s\n', s.name, s.suffix, s.labels, s.value), ''
                -- The bounds of a histogram in their order, which is not that of their text.
                ORDER BY
                    s.suffix, regexp_replace(s.labels, ',le=.*', ''),
                    substring(s.labels FROM ',le="([0-9.]+)"')::numeric NULLS LAST
            ) AS lines
        FROM sample s
        WHERE s.value IS NOT NULL
        GROUP BY s.name
    ) f;

    RETURN v_text;
END
$_$;

ALTER FUNCTION api.get_metrics_text() OWNER TO pms_owner;

--
-- Name: FUNCTION get_metrics_text(); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_metrics_text() IS 'Show the figures of the service to Prometheus

The figures of get_metrics. One that is not known, such as the age of a price when there is none,
is left out.';

--
-- Name: get_pnl(text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_pnl(account text DEFAULT NULL::text) RETURNS api."application/json"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    RETURN pms.summarize_portfolio('pnl', account);
END
$$;

ALTER FUNCTION api.get_pnl(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_pnl(account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_pnl(account text) IS 'Show profit and loss

Without account: over all accounts. by_asset, complete and unpriced are those of the portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: get_portfolio(text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_portfolio(include_positions text DEFAULT NULL::text, asset text DEFAULT NULL::text, account text DEFAULT NULL::text, as_of text DEFAULT NULL::text, known_at text DEFAULT NULL::text) RETURNS api."application/json"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('include_positions', 'flag', include_positions),
        ('asset', 'asset', asset),
        ('account', 'account', account),
        ('as_of', 'time', as_of),
        ('known_at', 'time', known_at)
    ]::pms.argument[]);
    v_asset text := asked.value ->> 'asset';
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_account text;
    v_shows_positions boolean;
    v_has_limits boolean;
    v_legs pms.priced_leg[];
    v_totals pms.portfolio_total[];
    v_summary pms.portfolio_summary;
    v_portfolio jsonb;
    v_members text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_account(asked.value ->> 'account');
    v_shows_positions := coalesce((asked.value ->> 'include_positions')::boolean, FALSE);
    v_has_limits := EXISTS (SELECT 1 FROM pms.limits);
    IF coalesce(v_asset, v_as_of::text, v_known_at::text) IS NULL THEN
        v_summary := pms.current_summary(v_account);
    END IF;

    IF v_summary IS NULL OR v_shows_positions OR v_has_limits THEN
        v_legs := pms.select_legs(v_as_of, v_known_at, v_account);
    END IF;

    IF v_summary IS NULL THEN
        v_summary := pms.summarize_legs(v_legs, v_account, v_asset);
    END IF;

    IF v_has_limits THEN
        v_totals := ARRAY(SELECT t FROM pms.portfolio_totals(v_legs) t);
    END IF;

    SELECT
        pms.portfolio_json(v_summary.total)
        || jsonb_build_object(
            'limits', coalesce(jsonb_agg(pms.limit_json(u) || pms.limit_usage_json(u)), '[]'),
            'limit_exceeded', coalesce(bool_or(u.level = 'breach'), FALSE),
            'calculated_at', pms.time_text(clock_timestamp())
        )
        || pms.as_of_json(v_as_of, v_known_at)
    INTO v_portfolio
    -- A limit is on all that is held: it is not used less when one asset is asked for.
    FROM pms.account_limits(v_totals, v_account, least(v_as_of, v_known_at)) u;

    v_members := '"by_asset": ' || v_summary.by_asset;
    IF v_shows_positions THEN
        v_members := concat(v_members, ', "positions": [', (
            SELECT string_agg(pms.position_text(p), ',' ORDER BY p.asset, p.mode, p.account)
            FROM pms.positions_from_legs(v_legs, least(v_as_of, now())) p
            WHERE v_asset IS NULL
                OR p.asset = v_asset
        ), ']');
    END IF;

    RETURN pms.with_members(v_portfolio, v_members);
END
$$;

ALTER FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_portfolio(include_positions text, asset text, account text, as_of text, known_at text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) IS 'Show the portfolio: totals, counts, each asset

Without account: over all accounts. complete is false when a position without a price or a rate to
USDT is left out; unpriced names its asset. limits shows the utilization of each limit,
limit_exceeded whether one is breached. Limits are judged on all assets, also when asset is given,
and those of the portfolio by the given account. An unknown asset or account is an empty portfolio.
as_of: as it was then, by the current limits; known_at: as it was known then; a future time means
now. The answer carries both when one is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: get_position(text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_position(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, account text DEFAULT NULL::text, as_of text DEFAULT NULL::text, known_at text DEFAULT NULL::text) RETURNS api."application/json"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('account', 'account', account),
            ('as_of', 'time', as_of),
            ('known_at', 'time', known_at)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_position text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    -- The view itself: what is not shown is not computed (ADR 0002).
    IF v_as_of IS NULL AND v_known_at IS NULL THEN
        SELECT pms.position_text(p)
        INTO v_position
        FROM pms.current_positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode;
    ELSE
        SELECT pms.with_members(
                pms.as_of_json(v_as_of, v_known_at), trim(pms.position_text(p), '{}')
            )
        INTO v_position
        FROM pms.select_positions(v_as_of, v_known_at, v_account, v_asset, v_mode) p;
    END IF;

    IF v_position IS NULL THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN v_position::json;
END
$$;

ALTER FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_position(asset text, mode text, account text, as_of text, known_at text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) IS 'Show one position

Without mode: one-way; without account: main. A closed one is shown with size 0. as_of: as it was
then; known_at: as we knew it then; a moment to come is now. The answer carries both when one is
given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there';

--
-- Name: get_position_entries(text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_position_entries(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, account text DEFAULT NULL::text, page_limit text DEFAULT NULL::text, before text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('account', 'account', account),
            ('limit', 'limit', page_limit),
            ('before', 'entry', before)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_limit integer := coalesce((asked.value ->> 'limit')::integer, 100);
    v_before bigint := (asked.value ->> 'before')::bigint;
    last_seen pms.entries;
    v_page jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF v_before IS NOT NULL THEN
        SELECT e.*
        INTO last_seen
        FROM pms.entries e
        WHERE e.account = v_account
            AND e.id = v_before
            AND e.asset = v_asset
            AND e.mode = v_mode;

        IF NOT FOUND THEN
            RETURN pms.error_response(
                404, 'NOT_FOUND', 'before: must be the id of an entry of this position',
                '{"before": "must be the id of an entry of this position"}'
            );
        END IF;
    END IF;

    -- One more than requested shows whether there are more.
    SELECT jsonb_agg(pms.explained_entry_json(n) ORDER BY n.executed_at DESC, n.id DESC)
    INTO v_page
    FROM pms.explain_entries(v_account, v_asset, v_mode, v_limit + 1, last_seen) n;

    IF v_page IS NULL AND last_seen.id IS NULL THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    RETURN jsonb_build_object(
        'entries', coalesce(v_page - v_limit, '[]'),
        'next_before', CASE WHEN v_page -> v_limit IS NOT NULL
            THEN v_page -> (v_limit - 1) -> 'id'
        END
    );
END
$$;

ALTER FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_position_entries(asset text, mode text, account text, page_limit text, before text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) IS 'Explain a position: its entries, newest first

Each with the state of its leg right after it, in the order of events; of a hedge both legs. A
voided entry stands in its place and changes nothing. before: the id of an entry, for those before
it; next_before is that of the next page, null on the last. Without mode: one-way; without
account: main; without page_limit: 100. See api.position_entries for the fields.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there, or before is no entry of this position';

--
-- Name: get_positions(text, text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_positions(account text DEFAULT NULL::text, asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, size_min text DEFAULT NULL::text, size_max text DEFAULT NULL::text, page_limit text DEFAULT NULL::text, page_offset text DEFAULT NULL::text, as_of text DEFAULT NULL::text, known_at text DEFAULT NULL::text) RETURNS api."application/json"
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('account', 'account', account),
        ('asset', 'asset', asset),
        ('mode', 'mode', mode),
        ('size_min', 'decimal', size_min),
        ('size_max', 'decimal', size_max),
        ('limit', 'limit', page_limit),
        ('offset', 'offset', page_offset),
        ('as_of', 'time', as_of),
        ('known_at', 'time', known_at)
    ]::pms.argument[]);
    v_asset text := asked.value ->> 'asset';
    v_mode text := asked.value ->> 'mode';
    v_size_min numeric := (asked.value ->> 'size_min')::numeric;
    v_size_max numeric := (asked.value ->> 'size_max')::numeric;
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_body jsonb;
    v_positions text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    -- Read twice: for the page and for the count (ADR 0002).
    WITH found AS MATERIALIZED (
        SELECT p.*
        FROM pms.select_positions(
            v_as_of, v_known_at, pms.require_account(asked.value ->> 'account'), v_asset, v_mode
        ) p
        WHERE (v_size_min IS NULL OR p.size >= v_size_min)
            AND (v_size_max IS NULL OR p.size <= v_size_max)
    )

    SELECT
        jsonb_build_object('count', (SELECT count(*) FROM found))
        || pms.as_of_json(v_as_of, v_known_at),
        string_agg(g.position, ',')
    INTO v_body, v_positions
    FROM (
        SELECT pms.position_text(row(f.*)::pms.current_positions) AS position
        FROM found f
        ORDER BY f.asset, f.mode, f.account
        LIMIT (asked.value ->> 'limit')::integer
        OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
    ) g;

    RETURN pms.with_members(v_body, concat('"positions": [', v_positions, ']'));
END
$$;

ALTER FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) IS 'List positions

Closed ones included, by asset and mode; count is of all that match, whatever the page. Without
account: of all accounts. size_min and size_max bound the signed size, inclusive. as_of: as they
were then; known_at: as we knew them then; a moment to come is now. The answer carries both when one
is given.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: get_snapshots(text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.get_snapshots(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, page_limit text DEFAULT NULL::text, page_offset text DEFAULT NULL::text, from_time text DEFAULT NULL::text, to_time text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('limit', 'limit', page_limit),
            ('offset', 'offset', page_offset),
            ('from', 'time', from_time),
            ('to', 'time', to_time),
            ('account', 'account', account)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    v_from timestamptz := coalesce((asked.value ->> 'from')::timestamptz, '-infinity');
    v_to timestamptz := coalesce((asked.value ->> 'to')::timestamptz, 'infinity');
    v_count bigint;
    v_page jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    SELECT count(*)
    INTO v_count
    FROM pms.snapshots s
    WHERE s.account = v_account
        AND s.asset = v_asset
        AND s.mode = v_mode
        AND s.created_at BETWEEN v_from AND v_to;

    IF v_count = 0 AND NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE p.account = v_account
            AND p.asset = v_asset
            AND p.mode = v_mode
            AND p.version > 0
    ) THEN
        RETURN pms.position_not_found(v_account, v_asset, v_mode);
    END IF;

    SELECT coalesce(
        jsonb_agg(pms.snapshot_json(g.snapshot) ORDER BY (g.snapshot).created_at DESC), '[]'
    )
    INTO v_page
    FROM (
        SELECT s AS snapshot
        FROM pms.snapshots s
        WHERE s.account = v_account
            AND s.asset = v_asset
            AND s.mode = v_mode
            AND s.created_at BETWEEN v_from AND v_to
        ORDER BY s.created_at DESC
        LIMIT coalesce((asked.value ->> 'limit')::integer, 100)
        OFFSET coalesce((asked.value ->> 'offset')::integer, 0)
    ) g;

    RETURN jsonb_build_object('snapshots', v_page, 'count', v_count);
END
$$;

ALTER FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) IS 'List the snapshots of a position, newest first

from_time and to_time bound created_at, inclusive; count is of all that match, whatever the page.
Without mode: one-way; without account: main; without page_limit: 100.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when nothing was ever held there';

--
-- Name: import_positions(jsonb, text, boolean); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.import_positions(positions jsonb, account text DEFAULT 'main'::text, only_plan boolean DEFAULT false) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_legs pms.imported_leg[];
    v_changed pms.changed_leg[];
BEGIN
    IF jsonb_typeof(positions) IS DISTINCT FROM 'array' OR jsonb_array_length(positions) > 10000 THEN
        RETURN pms.validation_error(
            '{"positions": "must be an array of at most 10000 rows"}'
        );
    END IF;

    IF only_plan THEN
        v_legs := ARRAY(SELECT l FROM pms.plan_import(positions, import_positions.account) l);
    ELSE
        SELECT i.legs, i.changed
        INTO v_legs, v_changed
        FROM pms.import_positions(positions, import_positions.account, pms.trace_id()) i;

        PERFORM pms.finish_entries(v_changed, 'api');
        PERFORM pms.audit_command(
            'import_positions', jsonb_build_object('account', account, 'positions', positions)
        );
    END IF;

    RETURN jsonb_build_object(
        'counts', (
            SELECT coalesce(jsonb_object_agg(c.outcome, c.legs), '{}')
            FROM (
                SELECT l.outcome, count(*) AS legs FROM unnest(v_legs) l GROUP BY l.outcome
            ) c
        ),
        'legs', (
            SELECT coalesce(jsonb_agg(
                jsonb_build_object(
                    'row', l.ordinal,
                    'account', l.account,
                    'asset', l.asset,
                    'mode', l.mode,
                    'leg', l.leg,
                    'size', pms.decimal_text(l.size),
                    'average_entry_price', pms.decimal_text(l.average_price),
                    'realized_pnl', pms.decimal_text(l.realized),
                    'current_price', pms.decimal_text(l.current_price),
                    'executed_at', pms.time_text(l.executed_at),
                    'outcome', l.outcome,
                    'detail', l.detail
                )
                ORDER BY l.ordinal
            ), '[]')
            FROM unnest(v_legs) l
        )
    );
END
$$;

ALTER FUNCTION api.import_positions(positions jsonb, account text, only_plan boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION import_positions(positions jsonb, account text, only_plan boolean); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.import_positions(positions jsonb, account text, only_plan boolean) IS 'Import the rows of an older positions table as opening entries

positions: rows with the columns asset, mode, size, average_entry_price, current_price,
realized_pnl, long_size, short_size, last_updated, closed_at; of these asset and size must be.
account: for rows that name none. only_plan: return the plan and write nothing. Answers
{counts, legs}: of each row what became of it: applied, duplicate (imported before), ignored or
rejected with the reason in detail. A leg that has entries is left alone. Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when positions is no array of at most 10000 rows';

--
-- Name: contract_value(numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN is_inverse THEN round((round(((- quantity) * multiplier), 60) / price), 18) ELSE round(((quantity * price) * multiplier), 18) END;

ALTER FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) IS 'What a quantity is worth at a price, in the settlement currency

Linear: quantity * price * multiplier. Inverse (coin-margined): -quantity * multiplier / price.
Rounded to 18 fractional digits. Source: accounting.md, "State of a leg and the fold".';

--
-- Name: empty_total(text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.empty_total(account text, asset text) RETURNS pms.portfolio_total
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ROW(account, asset, (account IS NULL), (asset IS NULL), (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::bigint, (0)::bigint, (0)::bigint, (0)::bigint, '{}'::text[], true)::pms.portfolio_total;

ALTER FUNCTION pms.empty_total(account text, asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION empty_total(account text, asset text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.empty_total(account text, asset text) IS 'The total where nothing was ever held.';

--
-- Name: in_scope(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.in_scope(account text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT ((((COALESCE(current_setting('pms.account_scope'::text, true), ''::text) = ''::text))::text <> 'false'::text) OR (account = ANY (string_to_array(current_setting('pms.account_scope'::text, true), ','::text))));
END;

ALTER FUNCTION pms.in_scope(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION in_scope(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.in_scope(account text) IS 'Whether the caller may see the rows of an account

True for callers without a restriction: worker, jobs, command line, analysts and keys without a
scope. For a bound key, rows of no account or of all of them (''*'') are not in scope: null or false.';

--
-- Name: leg_figures(pms.priced_leg[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.leg_figures(legs pms.priced_leg[]) RETURNS TABLE(account text, asset text, mode text, position_id uuid, multiplier numeric, is_inverse boolean, settlement_currency text, mark_price numeric, priced_at timestamp with time zone, usdt_rate numeric, size numeric, cost numeric, market_value numeric, unrealized_pnl numeric, realized_pnl numeric, fees_paid numeric, funding numeric, net_pnl numeric, opened_at timestamp with time zone, closed_at timestamp with time zone, unconverted_fees bigint, needs_review boolean, updated_at timestamp with time zone, last_snapshot_at timestamp with time zone, created_at timestamp with time zone, version bigint)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT l.account,
     l.asset,
     l.mode,
     l.position_id,
     l.multiplier,
     l.is_inverse,
     l.settlement_currency,
     l.mark_price,
     l.priced_at,
     l.usdt_rate,
     l.size,
     l.cost,
     l.market_value,
     (l.market_value - l.cost) AS unrealized_pnl,
     ((l.realized - l.fees_close) + l.funding) AS realized_pnl,
     (l.fees_open + l.fees_close) AS fees_paid,
     l.funding,
     ((((l.realized + COALESCE((l.market_value - l.cost), (0)::numeric)) - l.fees_open) - l.fees_close) + l.funding) AS net_pnl,
         CASE
             WHEN (l.size <> (0)::numeric) THEN l.opened_at
             ELSE NULL::timestamp with time zone
         END AS opened_at,
     l.closed_at,
     l.unconverted_fees,
     (l.needs_review OR ((l.leg = 'long'::text) AND (l.size < (0)::numeric)) OR ((l.leg = 'short'::text) AND (l.size > (0)::numeric))) AS needs_review,
     l.updated_at,
     l.last_snapshot_at,
     l.created_at,
     l.version
    FROM ( SELECT g.account,
             g.position_id,
             g.asset,
             g.mode,
             g.leg,
             g.multiplier,
             g.is_inverse,
             g.settlement_currency,
             g.size,
             g.cost,
             g.realized,
             g.fees_open,
             g.fees_close,
             g.funding,
             g.opened_at,
             g.closed_at,
             g.mark_price,
             g.priced_at,
             g.usdt_rate,
             g.unconverted_fees,
             g.version,
             g.needs_review,
             g.created_at,
             g.updated_at,
             g.last_snapshot_at,
                 CASE
                     WHEN (g.size = (0)::numeric) THEN (0)::numeric
                     ELSE pms.contract_value(g.size, g.mark_price, g.multiplier, g.is_inverse)
                 END AS market_value
            FROM unnest(leg_figures.legs) g(account, position_id, asset, mode, leg, multiplier, is_inverse, settlement_currency, size, cost, realized, fees_open, fees_close, funding, opened_at, closed_at, mark_price, priced_at, usdt_rate, unconverted_fees, version, needs_review, created_at, updated_at, last_snapshot_at)
          OFFSET 0) l;
END;

ALTER FUNCTION pms.leg_figures(legs pms.priced_leg[]) OWNER TO pms_owner;

--
-- Name: FUNCTION leg_figures(legs pms.priced_leg[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) IS 'The figures of each leg, in its settlement currency

market_value and unrealized_pnl are null for an open leg without a price; net_pnl leaves them out.
needs_review includes a leg on the wrong side. Source of the formulas: accounting.md, "Published
fields".';

--
-- Name: sum_few(numeric); Type: AGGREGATE; Schema: pms; Owner: pms_owner
--

CREATE AGGREGATE pms.sum_few(amount numeric) (
    SFUNC = numeric_add,
    STYPE = numeric,
    PARALLEL = safe
);

ALTER AGGREGATE pms.sum_few(amount numeric) OWNER TO pms_owner;

--
-- Name: AGGREGATE sum_few(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON AGGREGATE pms.sum_few(amount numeric) IS 'The sum of a few numbers

As sum(), which sets up a state that pays for many: most groups of legs are a single one, which is
its own sum here.';

--
-- Name: sum_legs(pms.priced_leg[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.sum_legs(legs pms.priced_leg[]) RETURNS SETOF pms.position_figures
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT l.account,
     l.asset,
     l.mode,
     (array_agg(l.position_id))[1] AS position_id,
     min(l.multiplier) AS multiplier,
     bool_and(l.is_inverse) AS is_inverse,
     min(l.settlement_currency) AS settlement_currency,
     min(l.mark_price) AS mark_price,
     min(l.priced_at) AS priced_at,
     min(l.usdt_rate) AS usdt_rate,
     pms.sum_few(l.size) AS size,
     pms.sum_few(GREATEST(l.size, (0)::numeric)) AS long_size,
     pms.sum_few(GREATEST((- l.size), (0)::numeric)) AS short_size,
     pms.sum_few(l.cost) AS cost,
     pms.sum_few(abs(l.cost)) AS cost_basis,
         CASE
             WHEN bool_and((l.market_value IS NOT NULL)) THEN pms.sum_few(l.market_value)
             ELSE NULL::numeric
         END AS market_value,
         CASE
             WHEN bool_and((l.market_value IS NOT NULL)) THEN pms.sum_few(abs(l.market_value))
             ELSE NULL::numeric
         END AS exposure,
     COALESCE(pms.sum_few(l.unrealized_pnl), (0)::numeric) AS unrealized_pnl,
     pms.sum_few(l.realized_pnl) AS realized_pnl,
     pms.sum_few(l.fees_paid) AS fees_paid,
     pms.sum_few(l.funding) AS funding,
     pms.sum_few(l.net_pnl) AS net_pnl,
     (sum(l.unconverted_fees))::bigint AS unconverted_fees,
     count(*) FILTER (WHERE (l.size <> (0)::numeric)) AS open_legs,
     min(l.opened_at) AS opened_at,
     max(l.closed_at) AS closed_at,
     bool_or(l.needs_review) AS needs_review,
     max(l.updated_at) AS updated_at,
     max(l.last_snapshot_at) AS last_snapshot_at,
     min(l.created_at) AS created_at,
     (sum(l.version))::bigint AS version
    FROM pms.leg_figures(sum_legs.legs) l(account, asset, mode, position_id, multiplier, is_inverse, settlement_currency, mark_price, priced_at, usdt_rate, size, cost, market_value, unrealized_pnl, realized_pnl, fees_paid, funding, net_pnl, opened_at, closed_at, unconverted_fees, needs_review, updated_at, last_snapshot_at, created_at, version)
   GROUP BY l.account, l.asset, l.mode;
END;

ALTER FUNCTION pms.sum_legs(legs pms.priced_leg[]) OWNER TO pms_owner;

--
-- Name: FUNCTION sum_legs(legs pms.priced_leg[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) IS 'The positions that legs make, summed

Columns that are not read are not summed.';

--
-- Name: sum_positions(pms.priced_leg[], boolean, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) RETURNS SETOF pms.portfolio_total
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT h.group_account AS account,
     h.group_asset AS asset,
     sum_positions.is_all_accounts AS is_all_accounts,
     sum_positions.is_all_assets AS is_all_assets,
     trim_scale(pms.sum_few(h.size)) AS size,
     trim_scale(pms.sum_few(h.long_size)) AS long_size,
     trim_scale(pms.sum_few(h.short_size)) AS short_size,
     trim_scale(COALESCE(pms.sum_few((h.exposure * h.usdt_rate)), (0)::numeric)) AS exposure_usdt,
     trim_scale(COALESCE(pms.sum_few((h.market_value * h.usdt_rate)), (0)::numeric)) AS net_exposure_usdt,
     trim_scale(COALESCE(pms.sum_few((h.unrealized_pnl * h.usdt_rate)), (0)::numeric)) AS unrealized_pnl_usdt,
     trim_scale(COALESCE(pms.sum_few((h.realized_pnl * h.usdt_rate)), (0)::numeric)) AS realized_pnl_usdt,
     trim_scale(COALESCE(pms.sum_few(((h.unrealized_pnl + h.realized_pnl) * h.usdt_rate)), (0)::numeric)) AS total_pnl_usdt,
     trim_scale(COALESCE(pms.sum_few((h.fees_paid * h.usdt_rate)), (0)::numeric)) AS fees_paid_usdt,
     trim_scale(COALESCE(pms.sum_few((h.funding * h.usdt_rate)), (0)::numeric)) AS funding_usdt,
     trim_scale(COALESCE(pms.sum_few((h.net_pnl * h.usdt_rate)), (0)::numeric)) AS net_pnl_usdt,
     count(*) FILTER (WHERE (h.open_legs > 0)) AS open_positions_count,
     count(*) FILTER (WHERE (h.size > (0)::numeric)) AS long_positions_count,
     count(*) FILTER (WHERE (h.size < (0)::numeric)) AS short_positions_count,
     (sum(h.unconverted_fees))::bigint AS unconverted_fees,
         CASE
             WHEN bool_or(h.is_left_out) THEN ( SELECT array_agg(DISTINCT u.asset) AS array_agg
                FROM unnest(array_agg(h.asset) FILTER (WHERE h.is_left_out)) u(asset))
             ELSE '{}'::text[]
         END AS unpriced,
     (NOT bool_or(h.is_left_out)) AS complete
    FROM ( SELECT p.account,
             p.asset,
             p.mode,
             p.position_id,
             p.multiplier,
             p.is_inverse,
             p.settlement_currency,
             p.mark_price,
             p.priced_at,
             p.usdt_rate,
             p.size,
             p.long_size,
             p.short_size,
             p.cost,
             p.cost_basis,
             p.market_value,
             p.exposure,
             p.unrealized_pnl,
             p.realized_pnl,
             p.fees_paid,
             p.funding,
             p.net_pnl,
             p.unconverted_fees,
             p.open_legs,
             p.opened_at,
             p.closed_at,
             p.needs_review,
             p.updated_at,
             p.last_snapshot_at,
             p.created_at,
             p.version,
                 CASE
                     WHEN (NOT sum_positions.is_all_accounts) THEN p.account
                     ELSE NULL::text
                 END AS group_account,
                 CASE
                     WHEN (NOT sum_positions.is_all_assets) THEN p.asset
                     ELSE NULL::text
                 END AS group_asset,
             (((p.open_legs > 0) AND ((p.exposure * p.usdt_rate) IS NULL)) OR ((p.usdt_rate IS NULL) AND ((p.net_pnl <> (0)::numeric) OR (p.realized_pnl <> (0)::numeric) OR (p.fees_paid <> (0)::numeric) OR (p.funding <> (0)::numeric)))) AS is_left_out
            FROM pms.sum_legs(sum_positions.legs) p(account, asset, mode, position_id, multiplier, is_inverse, settlement_currency, mark_price, priced_at, usdt_rate, size, long_size, short_size, cost, cost_basis, market_value, exposure, unrealized_pnl, realized_pnl, fees_paid, funding, net_pnl, unconverted_fees, open_legs, opened_at, closed_at, needs_review, updated_at, last_snapshot_at, created_at, version)) h
   GROUP BY h.group_account, h.group_asset;
END;

ALTER FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) IS 'The totals over legs, of each account and asset

is_all_accounts: of all accounts together; is_all_assets: of all assets together. Without a position
there is no row. Columns that are not read are not summed.';

--
-- Name: portfolio_totals(pms.priced_leg[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) RETURNS SETOF pms.portfolio_total
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 SELECT t.account,
     t.asset,
     t.is_all_accounts,
     t.is_all_assets,
     t.size,
     t.long_size,
     t.short_size,
     t.exposure_usdt,
     t.net_exposure_usdt,
     t.unrealized_pnl_usdt,
     t.realized_pnl_usdt,
     t.total_pnl_usdt,
     t.fees_paid_usdt,
     t.funding_usdt,
     t.net_pnl_usdt,
     t.open_positions_count,
     t.long_positions_count,
     t.short_positions_count,
     t.unconverted_fees,
     t.unpriced,
     t.complete
    FROM pms.sum_positions(portfolio_totals.legs, false, false) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete)
 UNION ALL
  SELECT t.account,
     t.asset,
     t.is_all_accounts,
     t.is_all_assets,
     t.size,
     t.long_size,
     t.short_size,
     t.exposure_usdt,
     t.net_exposure_usdt,
     t.unrealized_pnl_usdt,
     t.realized_pnl_usdt,
     t.total_pnl_usdt,
     t.fees_paid_usdt,
     t.funding_usdt,
     t.net_pnl_usdt,
     t.open_positions_count,
     t.long_positions_count,
     t.short_positions_count,
     t.unconverted_fees,
     t.unpriced,
     t.complete
    FROM pms.sum_positions(portfolio_totals.legs, false, true) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete)
 UNION ALL
  SELECT t.account,
     t.asset,
     t.is_all_accounts,
     t.is_all_assets,
     t.size,
     t.long_size,
     t.short_size,
     t.exposure_usdt,
     t.net_exposure_usdt,
     t.unrealized_pnl_usdt,
     t.realized_pnl_usdt,
     t.total_pnl_usdt,
     t.fees_paid_usdt,
     t.funding_usdt,
     t.net_pnl_usdt,
     t.open_positions_count,
     t.long_positions_count,
     t.short_positions_count,
     t.unconverted_fees,
     t.unpriced,
     t.complete
    FROM pms.sum_positions(portfolio_totals.legs, true, false) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete)
 UNION ALL
  SELECT t.account,
     t.asset,
     t.is_all_accounts,
     t.is_all_assets,
     t.size,
     t.long_size,
     t.short_size,
     t.exposure_usdt,
     t.net_exposure_usdt,
     t.unrealized_pnl_usdt,
     t.realized_pnl_usdt,
     t.total_pnl_usdt,
     t.fees_paid_usdt,
     t.funding_usdt,
     t.net_pnl_usdt,
     t.open_positions_count,
     t.long_positions_count,
     t.short_positions_count,
     t.unconverted_fees,
     t.unpriced,
     t.complete
    FROM pms.sum_positions(portfolio_totals.legs, true, true) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete)
 UNION ALL
  SELECT t.account,
     t.asset,
     t.is_all_accounts,
     t.is_all_assets,
     t.size,
     t.long_size,
     t.short_size,
     t.exposure_usdt,
     t.net_exposure_usdt,
     t.unrealized_pnl_usdt,
     t.realized_pnl_usdt,
     t.total_pnl_usdt,
     t.fees_paid_usdt,
     t.funding_usdt,
     t.net_pnl_usdt,
     t.open_positions_count,
     t.long_positions_count,
     t.short_positions_count,
     t.unconverted_fees,
     t.unpriced,
     t.complete
    FROM pms.empty_total(NULL::text, NULL::text) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete)
   WHERE (COALESCE(portfolio_totals.legs, '{}'::pms.priced_leg[]) = '{}'::pms.priced_leg[]);
END;

ALTER FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) OWNER TO pms_owner;

--
-- Name: FUNCTION portfolio_totals(legs pms.priced_leg[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) IS 'Every total over legs: by account and asset, account, asset, over all

The row over all is there even without a position. A condition on is_all_accounts or is_all_assets
computes only the totals that meet it.';

--
-- Name: instruments; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.instruments (
    asset text NOT NULL,
    kind text DEFAULT 'linear'::text NOT NULL,
    multiplier numeric DEFAULT 1 NOT NULL,
    quote_currency text DEFAULT 'USDT'::text NOT NULL,
    settlement_currency text DEFAULT 'USDT'::text NOT NULL,
    base_currency text GENERATED ALWAYS AS (
CASE
    WHEN ("right"(asset, length(quote_currency)) = quote_currency) THEN NULLIF(rtrim("left"(asset, (- length(quote_currency))), '-_.'::text), ''::text)
    ELSE NULL::text
END) STORED,
    allows_negative_price boolean DEFAULT false NOT NULL,
    is_assumed boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT instruments_asset_is_symbol CHECK ((asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'::text)),
    CONSTRAINT instruments_inverse_price_positive CHECK ((NOT ((kind = 'inverse'::text) AND allows_negative_price))),
    CONSTRAINT instruments_kind_is_known CHECK ((kind = ANY (ARRAY['linear'::text, 'inverse'::text, 'spot'::text]))),
    CONSTRAINT instruments_multiplier_positive CHECK (((multiplier > (0)::numeric) AND (multiplier < 'Infinity'::numeric))),
    CONSTRAINT instruments_quote_is_currency CHECK ((quote_currency ~ '^[A-Z0-9]{2,16}$'::text)),
    CONSTRAINT instruments_settlement_is_currency CHECK ((settlement_currency ~ '^[A-Z0-9]{2,16}$'::text))
);

ALTER TABLE pms.instruments OWNER TO pms_owner;

--
-- Name: TABLE instruments; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.instruments IS 'Valuation of a contract

An asset without a definition is assumed linear with multiplier 1, settled in USDT.';

--
-- Name: COLUMN instruments.kind; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.instruments.kind IS 'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';

--
-- Name: COLUMN instruments.settlement_currency; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';

--
-- Name: COLUMN instruments.base_currency; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.instruments.base_currency IS 'Traded currency, from the symbol: BTC of BTCUSDT; null if the symbol does not end in the quote.';

--
-- Name: COLUMN instruments.is_assumed; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.instruments.is_assumed IS 'True until the contract is defined.';

--
-- Name: positions; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.positions (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    position_id uuid NOT NULL,
    size numeric DEFAULT 0 NOT NULL,
    cost numeric DEFAULT 0 NOT NULL,
    realized numeric DEFAULT 0 NOT NULL,
    fees_open numeric DEFAULT 0 NOT NULL,
    fees_close numeric DEFAULT 0 NOT NULL,
    funding numeric DEFAULT 0 NOT NULL,
    opened_at timestamp with time zone,
    closed_at timestamp with time zone,
    last_executed_at timestamp with time zone,
    current_price numeric,
    version bigint DEFAULT 0 NOT NULL,
    entries bigint DEFAULT 0 NOT NULL,
    checkpointed bigint DEFAULT 0 NOT NULL,
    needs_review boolean DEFAULT false NOT NULL,
    last_snapshot_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    exposure numeric DEFAULT 0 NOT NULL,
    entered_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT positions_account_is_name CHECK ((account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text)),
    CONSTRAINT positions_cost_is_finite CHECK ((abs(cost) < 'Infinity'::numeric)),
    CONSTRAINT positions_exposure_in_range CHECK (((exposure >= (0)::numeric) AND (exposure < 'Infinity'::numeric))),
    CONSTRAINT positions_flat_costs_nothing CHECK (((size <> (0)::numeric) OR (cost = (0)::numeric))),
    CONSTRAINT positions_leg_fits_mode CHECK ((((mode = 'one-way'::text) AND (leg = 'net'::text)) OR ((mode = 'hedge'::text) AND (leg = ANY (ARRAY['long'::text, 'short'::text]))))),
    CONSTRAINT positions_open_has_opened_at CHECK (((size = (0)::numeric) OR (opened_at IS NOT NULL))),
    CONSTRAINT positions_realized_is_finite CHECK ((abs(realized) < 'Infinity'::numeric)),
    CONSTRAINT positions_size_is_finite CHECK ((abs(size) < 'Infinity'::numeric)),
    CONSTRAINT positions_version_not_negative CHECK ((version >= 0))
);

ALTER TABLE pms.positions OWNER TO pms_owner;

--
-- Name: TABLE positions; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.positions IS 'The legs of every position: the stored fold of their entries

One row per (account, asset, mode, leg). If a row differs from the fold of its entries, the row is
wrong.';

--
-- Name: COLUMN positions.position_id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.position_id IS 'Derived from (account, asset, mode), always the same; both legs of a hedge share it.';

--
-- Name: COLUMN positions.size; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.size IS 'Signed open quantity: + long, - short, 0 flat.';

--
-- Name: COLUMN positions.cost; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.cost IS 'Signed entry value of the open quantity.';

--
-- Name: COLUMN positions.realized; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.realized IS 'Gross realized PnL: before fees and funding.';

--
-- Name: COLUMN positions.opened_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.opened_at IS 'Event time at which the present round trip began.';

--
-- Name: COLUMN positions.closed_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.closed_at IS 'Event time at which the leg last became flat.';

--
-- Name: COLUMN positions.last_executed_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.last_executed_at IS 'Event time of the newest entry folded in: an older entry is late.';

--
-- Name: COLUMN positions.current_price; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.current_price IS 'The mark price last applied while the leg was open.';

--
-- Name: COLUMN positions.version; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.version IS 'Rises by one for every entry and void, and for the newest price once per price_event_interval.';

--
-- Name: COLUMN positions.entries; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.entries IS 'Number of entries folded in, without voided ones.';

--
-- Name: COLUMN positions.checkpointed; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.checkpointed IS 'Number of entries in the newest checkpoint; 0 before the first.';

--
-- Name: COLUMN positions.exposure; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.exposure IS '|value| of size at current_price, in the settlement currency; 0 without a price.';

--
-- Name: COLUMN positions.entered_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.positions.entered_at IS 'When its entries last changed, which a price does not do; it always rises.';

--
-- Name: prices; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.prices (
    asset text NOT NULL,
    mark_price numeric NOT NULL,
    priced_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    trace_id text,
    is_marked boolean DEFAULT true NOT NULL,
    seen_before xid8,
    CONSTRAINT prices_mark_in_range CHECK (((abs(mark_price) < '100000000000000000000'::numeric) AND (scale(mark_price) <= 18)))
);

ALTER TABLE pms.prices OWNER TO pms_owner;

--
-- Name: TABLE prices; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.prices IS 'The newest mark price of each asset, by its own time.';

--
-- Name: COLUMN prices.priced_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.prices.priced_at IS 'Time of the price: an older price never overwrites a newer one.';

--
-- Name: COLUMN prices.source; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.prices.source IS 'ticker, venue (a position report), price_api (fallback of the worker) or api.';

--
-- Name: COLUMN prices.is_marked; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.prices.is_marked IS 'Whether all open positions are stored with this price.';

--
-- Name: COLUMN prices.seen_before; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.prices.seen_before IS 'Transactions from this one on read this price; null: not known yet.';

--
-- Name: unconverted_fees; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.unconverted_fees (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    fees bigint NOT NULL,
    CONSTRAINT unconverted_fees_not_negative CHECK ((fees >= 0))
);

ALTER TABLE pms.unconverted_fees OWNER TO pms_owner;

--
-- Name: TABLE unconverted_fees; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.unconverted_fees IS 'Number of fees of a leg that are not counted because no rate is known

Maintained, not counted on each read: every fill may have one. No row: none.';

--
-- Name: usdt_rates; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.usdt_rates AS
 SELECT 'USDT'::text AS currency,
    (1)::numeric AS rate,
    NULL::timestamp with time zone AS priced_at
UNION ALL
 SELECT "left"(m.asset, '-4'::integer) AS currency,
    m.mark_price AS rate,
    m.priced_at
   FROM pms.prices m
  WHERE ((m.asset ~~ '_%USDT'::text) AND (m.asset <> 'USDTUSDT'::text) AND (m.mark_price > (0)::numeric));

ALTER TABLE pms.usdt_rates OWNER TO pms_owner;

--
-- Name: VIEW usdt_rates; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.usdt_rates IS 'The current USDT rate of each currency with a mark price

The same as pms.rate_at for the current time. priced_at is null for USDT itself.';

--
-- Name: priced_legs; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.priced_legs AS
 SELECT p.account,
    p.asset,
    p.mode,
    ROW(p.account, p.position_id, p.asset, p.mode, p.leg, i.multiplier, (i.kind = 'inverse'::text), i.settlement_currency, p.size, p.cost, p.realized, p.fees_open, p.fees_close, p.funding, p.opened_at, p.closed_at, m.mark_price, m.priced_at,
        CASE
            WHEN (i.settlement_currency = 'USDT'::text) THEN (1)::numeric
            ELSE ( SELECT r.rate
               FROM pms.usdt_rates r
              WHERE (r.currency = i.settlement_currency))
        END, COALESCE(u.fees, (0)::bigint), p.version, p.needs_review, p.created_at, p.updated_at, p.last_snapshot_at)::pms.priced_leg AS leg
   FROM (((pms.positions p
     JOIN pms.instruments i ON ((p.asset = i.asset)))
     LEFT JOIN pms.prices m ON ((p.asset = m.asset)))
     LEFT JOIN pms.unconverted_fees u ON (((p.account = u.account) AND (p.asset = u.asset) AND (p.mode = u.mode) AND (p.leg = u.leg))))
  WHERE (p.version <> 0);

ALTER TABLE pms.priced_legs OWNER TO pms_owner;

--
-- Name: VIEW priced_legs; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.priced_legs IS 'Every current leg with its price and rate

account, asset and mode repeat those of the leg, so a query for one position reads no other.';

--
-- Name: portfolio_totals_now; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.portfolio_totals_now AS
 WITH held AS (
         SELECT array_agg(h.leg) AS legs
           FROM pms.priced_legs h
          WHERE pms.in_scope(h.account)
        )
 SELECT t.account,
    t.asset,
    t.is_all_accounts,
    t.is_all_assets,
    t.size,
    t.long_size,
    t.short_size,
    t.exposure_usdt,
    t.net_exposure_usdt,
    t.unrealized_pnl_usdt,
    t.realized_pnl_usdt,
    t.total_pnl_usdt,
    t.fees_paid_usdt,
    t.funding_usdt,
    t.net_pnl_usdt,
    t.open_positions_count,
    t.long_positions_count,
    t.short_positions_count,
    t.unconverted_fees,
    t.unpriced,
    t.complete
   FROM (held a
     CROSS JOIN LATERAL pms.portfolio_totals(a.legs) t(account, asset, is_all_accounts, is_all_assets, size, long_size, short_size, exposure_usdt, net_exposure_usdt, unrealized_pnl_usdt, realized_pnl_usdt, total_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, open_positions_count, long_positions_count, short_positions_count, unconverted_fees, unpriced, complete));

ALTER TABLE pms.portfolio_totals_now OWNER TO pms_owner;

--
-- Name: VIEW portfolio_totals_now; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.portfolio_totals_now IS 'All totals over the current positions

Totals cover the accounts that the current key may see.';

--
-- Name: portfolio; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.portfolio AS
 SELECT c.account,
    c.exposure_usdt AS total_exposure_usdt,
    c.net_exposure_usdt,
    c.net_exposure_usdt AS portfolio_value_usdt,
    c.unrealized_pnl_usdt AS total_unrealized_pnl_usdt,
    c.realized_pnl_usdt AS total_realized_pnl_usdt,
    c.total_pnl_usdt,
    c.fees_paid_usdt,
    c.funding_usdt,
    c.net_pnl_usdt,
    c.open_positions_count,
    c.long_positions_count,
    c.short_positions_count,
    c.unconverted_fees,
    c.complete,
    c.unpriced
   FROM pms.portfolio_totals_now c
  WHERE c.is_all_assets;

ALTER TABLE api.portfolio OWNER TO pms_owner;

--
-- Name: VIEW portfolio; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.portfolio IS 'Totals of each account and of all accounts together

One row per account. The row with a null account is the sum over all accounts; query one or the
other. Amounts are exact.';

--
-- Name: COLUMN portfolio.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.account IS 'Null: all accounts together.';

--
-- Name: COLUMN portfolio.total_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.total_exposure_usdt IS 'USDT: |market value| summed over legs.';

--
-- Name: COLUMN portfolio.net_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.net_exposure_usdt IS 'USDT: signed market value, long - short.';

--
-- Name: COLUMN portfolio.portfolio_value_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.portfolio_value_usdt IS 'USDT: market value of all positions; shorts count as negative.';

--
-- Name: COLUMN portfolio.total_unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.total_unrealized_pnl_usdt IS 'USDT: market value - cost.';

--
-- Name: COLUMN portfolio.total_realized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.total_realized_pnl_usdt IS 'USDT: gross realized - fees of closing + funding.';

--
-- Name: COLUMN portfolio.total_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.total_pnl_usdt IS 'USDT: unrealized + realized.';

--
-- Name: COLUMN portfolio.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

--
-- Name: COLUMN portfolio.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.funding_usdt IS 'USDT: received (+) or paid (-).';

--
-- Name: COLUMN portfolio.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding; the bottom line.';

--
-- Name: COLUMN portfolio.open_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.open_positions_count IS 'Count: positions with an open leg.';

--
-- Name: COLUMN portfolio.long_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.long_positions_count IS 'Count: positions of size > 0.';

--
-- Name: COLUMN portfolio.short_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.short_positions_count IS 'Count: positions of size < 0.';

--
-- Name: COLUMN portfolio.unconverted_fees; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.unconverted_fees IS 'Count: entries whose fee is not counted because no rate is known for their time.';

--
-- Name: COLUMN portfolio.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.complete IS 'False if an amount leaves out a position because it has no price or no rate to USDT.';

--
-- Name: COLUMN portfolio.unpriced; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio.unpriced IS 'The assets of the positions left out.';

--
-- Name: portfolio_as_of(timestamp with time zone, timestamp with time zone, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.portfolio_as_of(at timestamp with time zone DEFAULT clock_timestamp(), known_at timestamp with time zone DEFAULT clock_timestamp(), account text DEFAULT NULL::text) RETURNS SETOF api.portfolio
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    RETURN QUERY
    SELECT
        t.account,
        t.exposure_usdt,
        t.net_exposure_usdt,
        t.net_exposure_usdt,
        t.unrealized_pnl_usdt,
        t.realized_pnl_usdt,
        t.total_pnl_usdt,
        t.fees_paid_usdt,
        t.funding_usdt,
        t.net_pnl_usdt,
        t.open_positions_count,
        t.long_positions_count,
        t.short_positions_count,
        t.unconverted_fees,
        t.complete,
        t.unpriced
    FROM pms.portfolio_totals(
        -- From the ledger, also for the present.
        pms.select_legs(
            coalesce(portfolio_as_of.at, 'infinity'),
            coalesce(portfolio_as_of.known_at, 'infinity'),
            pms.require_account(portfolio_as_of.account)
        )
    ) t
    WHERE t.is_all_assets
        AND (portfolio_as_of.account IS NULL OR t.account = portfolio_as_of.account);
END
$$;

ALTER FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) IS 'The totals of a moment, as known at another

The rows of api.portfolio, from the ledger; see positions_as_of. Without account: one row for each,
and the one over all, whose account is null.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: position_entries(text, text, text, integer, bigint); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.position_entries(asset text, mode text DEFAULT 'one-way'::text, account text DEFAULT NULL::text, page_limit integer DEFAULT 100, before bigint DEFAULT NULL::bigint) RETURNS SETOF pms.explained_entry
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_account text := pms.resolve_account(position_entries.account);
    v_asset text := upper(position_entries.asset);
    v_mode text := lower(position_entries.mode);
    last_seen pms.entries;
BEGIN
    IF (v_mode IN ('one-way', 'hedge')) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'unknown mode',
            DETAIL = format('mode is %L', position_entries.mode),
            HINT = 'A mode is one-way or hedge.';
    END IF;
    IF (page_limit BETWEEN 1 AND 1000) IS NOT TRUE THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'page_limit out of range',
            DETAIL = format('page_limit is %s', coalesce(page_limit::text, 'null')),
            HINT = 'A page has 1 to 1000 entries.';
    END IF;

    IF position_entries.before IS NOT NULL THEN
        SELECT e.*
        INTO last_seen
        FROM pms.entries e
        WHERE e.account = v_account
            AND e.id = position_entries.before
            AND e.asset = v_asset
            AND e.mode = v_mode;

        IF NOT FOUND THEN
            RAISE SQLSTATE 'PT404' USING
                MESSAGE = 'no such entry',
                DETAIL = format('before is %s', position_entries.before),
                HINT = 'Name the last entry of the page before: an entry of the same position.';
        END IF;
    END IF;

    RETURN QUERY
    SELECT n.*
    FROM pms.explain_entries(
        v_account, v_asset, v_mode, position_entries.page_limit, last_seen
    ) n;
END
$$;

ALTER FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION position_entries(asset text, mode text, account text, page_limit integer, before bigint); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) IS 'Explain a position: its entries, and its leg after each

Newest first, in the order of events (executed_at, id); of a hedge both legs, each with its own
state. Up to version a row is the entry, as in api.fills; from size on it is what the leg was right
after it, in the settlement currency: average_entry_price, cost, realized (gross), realized_pnl (as
published: less the fees of closing, plus funding), fees_paid, funding. A voided entry stands in its
place and changes nothing: beside it is what the leg was without it. page_limit: 1 to 1000; before:
the id of an entry, for those before it. No rows: nothing was ever held there.

Refuses with:
- 400 `unknown mode`, `page_limit out of range`
- 403 FORBIDDEN when the key is bound to other accounts
- 404 `no such entry` when before is no entry of this position';

--
-- Name: account_exposure(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.account_exposure(account text) RETURNS numeric
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_kept CONSTANT numeric := (
        SELECT coalesce(
            sum(
                t.exposure * (SELECT r.rate FROM pms.usdt_rates r WHERE r.currency = t.currency)
            ),
            0
        )
        FROM pms.account_totals t
        WHERE t.account = account_exposure.account
    );
    v_assets text[] := ARRAY(SELECT m.asset FROM pms.prices m WHERE NOT m.is_marked);
BEGIN
    IF v_assets = '{}' THEN
        RETURN v_kept;
    END IF;

    -- The planner cannot know which is less: these prices or the legs of this account.
    IF cardinality(v_assets) > 100 THEN
        v_assets := ARRAY(
            SELECT DISTINCT p.asset
            FROM pms.positions p
            INNER JOIN pms.prices m ON p.asset = m.asset
            WHERE p.account = account_exposure.account
                AND NOT m.is_marked
        );
    END IF;

    RETURN v_kept + (
        SELECT coalesce(
            sum(
                (
                    pms.leg_exposure(p.size, m.mark_price, i.multiplier, i.kind = 'inverse')
                    - p.exposure
                )
                * (SELECT r.rate FROM pms.usdt_rates r WHERE r.currency = i.settlement_currency)
            ),
            0
        )
        FROM unnest(v_assets) a (asset)
        INNER JOIN pms.prices m ON a.asset = m.asset
        INNER JOIN pms.instruments i ON a.asset = i.asset
        -- OFFSET 0 keeps both columns conditions of the index (ADR 0002).
        CROSS JOIN LATERAL (
            SELECT
                h.size,
                h.exposure
            FROM pms.positions h
            WHERE h.account = account_exposure.account
                AND h.asset = a.asset
                AND h.size <> 0
            OFFSET 0
        ) p
    );
END
$$;

ALTER FUNCTION pms.account_exposure(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION account_exposure(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.account_exposure(account text) IS 'The exposure of an account in USDT, at the newest prices

The sum over its open legs with a price and a rate. It is kept: of the legs, it reads only those that
are not stored with their newest price yet.';

--
-- Name: div_round(numeric, numeric, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
SELECT round(
    div(numerator * ('1e' || (places + 1)::text)::numeric, denominator)
    * ('1e-' || (places + 1)::text)::numeric,
    places
)
$$;

ALTER FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) OWNER TO pms_owner;

--
-- Name: FUNCTION div_round(numerator numeric, denominator numeric, places integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) IS 'numerator / denominator, rounded half away from zero to that many decimal places

Exact: rounds once. Raises 22012 when denominator is 0.';

--
-- Name: average_price(numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((size = (0)::numeric) OR (is_inverse AND (cost = (0)::numeric))) THEN NULL::numeric WHEN is_inverse THEN pms.div_round(((- size) * multiplier), cost, 12) ELSE pms.div_round(cost, (size * multiplier), 12) END;

ALTER FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) IS 'The average entry price that a cost implies; null when flat

Never stored: a running average leaks money, a cost does not. Rounded half away from zero to
12 fractional digits.';

--
-- Name: value_position(pms.position_figures, numeric, timestamp with time zone, interval); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) RETURNS TABLE(account text, id uuid, asset text, mode text, size numeric, average_entry_price numeric, current_price numeric, unrealized_pnl numeric, realized_pnl numeric, long_size numeric, short_size numeric, unrealized_pnl_pct numeric, time_held_minutes bigint, position_size_norm numeric, cost_basis numeric, exposure_usdt numeric, net_exposure_usdt numeric, fees_paid numeric, funding numeric, net_pnl numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, fees_paid_usdt numeric, funding_usdt numeric, net_pnl_usdt numeric, settlement_currency text, unconverted_fees bigint, price_status text, price_updated_at timestamp with time zone, needs_review boolean, last_updated timestamp with time zone, last_snapshot_at timestamp with time zone, closed_at timestamp with time zone, created_at timestamp with time zone, version bigint)
    LANGUAGE sql STABLE ROWS 1 PARALLEL SAFE
    BEGIN ATOMIC
 SELECT (p).account AS account,
     (p).position_id AS id,
     (p).asset AS asset,
     (p).mode AS mode,
     trim_scale((p).size) AS size,
         CASE
             WHEN ((p).open_legs = 1) THEN trim_scale(pms.average_price((p).size, (p).cost, (p).multiplier, (p).is_inverse))
             ELSE NULL::numeric
         END AS average_entry_price,
     trim_scale((p).mark_price) AS current_price,
     trim_scale((p).unrealized_pnl) AS unrealized_pnl,
     trim_scale((p).realized_pnl) AS realized_pnl,
         CASE
             WHEN ((p).mode = 'hedge'::text) THEN trim_scale((p).long_size)
             ELSE NULL::numeric
         END AS long_size,
         CASE
             WHEN ((p).mode = 'hedge'::text) THEN trim_scale((p).short_size)
             ELSE NULL::numeric
         END AS short_size,
         CASE
             WHEN ((p).cost_basis <> (0)::numeric) THEN trim_scale(pms.div_round(((p).unrealized_pnl * (100)::numeric), (p).cost_basis, 12))
             ELSE NULL::numeric
         END AS unrealized_pnl_pct,
         CASE
             WHEN ((p).open_legs > 0) THEN (GREATEST(floor((EXTRACT(epoch FROM (at - (p).opened_at)) / (60)::numeric)), (0)::numeric))::bigint
             ELSE NULL::bigint
         END AS time_held_minutes,
         CASE
             WHEN ((p).mark_price IS NULL) THEN NULL::numeric
             WHEN (((p).exposure * (p).usdt_rate) = (0)::numeric) THEN (0)::numeric
             ELSE trim_scale(pms.div_round(((p).exposure * (p).usdt_rate), account_exposure, 12))
         END AS position_size_norm,
     trim_scale((p).cost_basis) AS cost_basis,
     trim_scale(((p).exposure * (p).usdt_rate)) AS exposure_usdt,
     trim_scale(((p).market_value * (p).usdt_rate)) AS net_exposure_usdt,
     trim_scale((p).fees_paid) AS fees_paid,
     trim_scale((p).funding) AS funding,
     trim_scale((p).net_pnl) AS net_pnl,
     trim_scale(((p).unrealized_pnl * (p).usdt_rate)) AS unrealized_pnl_usdt,
     trim_scale(((p).realized_pnl * (p).usdt_rate)) AS realized_pnl_usdt,
     trim_scale(((p).fees_paid * (p).usdt_rate)) AS fees_paid_usdt,
     trim_scale(((p).funding * (p).usdt_rate)) AS funding_usdt,
     trim_scale(((p).net_pnl * (p).usdt_rate)) AS net_pnl_usdt,
     (p).settlement_currency AS settlement_currency,
     (p).unconverted_fees AS unconverted_fees,
         CASE
             WHEN ((p).mark_price IS NULL) THEN 'missing'::text
             WHEN ((p).priced_at < (at - staleness)) THEN 'stale'::text
             ELSE 'fresh'::text
         END AS price_status,
     (p).priced_at AS price_updated_at,
     (p).needs_review AS needs_review,
     (p).updated_at AS last_updated,
     (p).last_snapshot_at AS last_snapshot_at,
         CASE
             WHEN ((p).open_legs = 0) THEN (p).closed_at
             ELSE NULL::timestamp with time zone
         END AS closed_at,
     (p).created_at AS created_at,
     (p).version AS version;
END;

ALTER FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) OWNER TO pms_owner;

--
-- Name: FUNCTION value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) IS 'A position as published, from the sums over its legs

Pure: p carries its price and rate, and account_exposure is the exposure of the account in
USDT, of which the position has a share. Time held and price_status are relative to at; a price
older than staleness is stale. Source of the formulas: accounting.md, "Published fields".';

--
-- Name: account_totals; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.account_totals (
    account text NOT NULL,
    writer integer NOT NULL,
    currency text NOT NULL,
    exposure numeric NOT NULL,
    CONSTRAINT account_totals_exposure_is_finite CHECK ((abs(exposure) < 'Infinity'::numeric))
)
WITH (fillfactor='50');

ALTER TABLE pms.account_totals OWNER TO pms_owner;

--
-- Name: TABLE account_totals; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.account_totals IS 'The exposure of each account, kept with its legs

The sum over the writers is the sum over the open legs of an account: see pms.account_exposure.';

--
-- Name: COLUMN account_totals.writer; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.account_totals.writer IS 'The session (its process id) that adds to this row; 0: sessions that have ended.';

--
-- Name: COLUMN account_totals.currency; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.account_totals.currency IS 'Settlement currency, in which exposure is.';

--
-- Name: settings; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.settings (
    only_row boolean DEFAULT true NOT NULL,
    snapshot_interval interval DEFAULT '01:00:00'::interval NOT NULL,
    snapshot_retention interval DEFAULT '365 days'::interval NOT NULL,
    validation_interval interval DEFAULT '00:30:00'::interval NOT NULL,
    verification_interval interval DEFAULT '00:05:00'::interval NOT NULL,
    use_ws_avg_price boolean DEFAULT true NOT NULL,
    avg_price_diff_threshold numeric DEFAULT 0.001 NOT NULL,
    size_validation_threshold numeric DEFAULT 0.0001 NOT NULL,
    price_staleness_threshold interval DEFAULT '00:05:00'::interval NOT NULL,
    price_retention interval DEFAULT '400 days'::interval NOT NULL,
    venue_adoption_delay interval DEFAULT '00:00:05'::interval NOT NULL,
    portfolio_history_interval interval DEFAULT '00:01:00'::interval NOT NULL,
    portfolio_history_retention interval DEFAULT '400 days'::interval NOT NULL,
    portfolio_max_exposure_usdt numeric,
    rate_limit_enabled boolean DEFAULT true NOT NULL,
    rate_limit_default integer DEFAULT 100 NOT NULL,
    rate_limit_overrides jsonb DEFAULT '{}'::jsonb NOT NULL,
    clock_skew_limit interval DEFAULT '1 day'::interval NOT NULL,
    worker_silence_limit interval DEFAULT '00:00:10'::interval NOT NULL,
    price_event_interval interval DEFAULT '00:00:01'::interval NOT NULL,
    verification_period interval DEFAULT '1 day'::interval NOT NULL,
    CONSTRAINT settings_adoption_delay_not_negative CHECK ((venue_adoption_delay >= '00:00:00'::interval)),
    CONSTRAINT settings_avg_price_diff_is_ratio CHECK (((avg_price_diff_threshold >= (0)::numeric) AND (avg_price_diff_threshold <= (1)::numeric))),
    CONSTRAINT settings_clock_skew_positive CHECK ((clock_skew_limit > '00:00:00'::interval)),
    CONSTRAINT settings_has_one_row CHECK (only_row),
    CONSTRAINT settings_history_interval_positive CHECK ((portfolio_history_interval > '00:00:00'::interval)),
    CONSTRAINT settings_history_retention_positive CHECK ((portfolio_history_retention > '00:00:00'::interval)),
    CONSTRAINT settings_max_exposure_positive CHECK (((portfolio_max_exposure_usdt > (0)::numeric) AND (portfolio_max_exposure_usdt < 'Infinity'::numeric))),
    CONSTRAINT settings_price_event_interval_not_negative CHECK ((price_event_interval >= '00:00:00'::interval)),
    CONSTRAINT settings_price_retention_positive CHECK ((price_retention > '00:00:00'::interval)),
    CONSTRAINT settings_price_staleness_positive CHECK ((price_staleness_threshold > '00:00:00'::interval)),
    CONSTRAINT settings_rate_limit_in_range CHECK (((rate_limit_default >= 1) AND (rate_limit_default <= 1000000))),
    CONSTRAINT settings_rate_overrides_are_names CHECK ((jsonb_typeof(rate_limit_overrides) = 'object'::text)),
    CONSTRAINT settings_size_threshold_not_negative CHECK (((size_validation_threshold >= (0)::numeric) AND (size_validation_threshold < 'Infinity'::numeric))),
    CONSTRAINT settings_snapshot_interval_positive CHECK ((snapshot_interval > '00:00:00'::interval)),
    CONSTRAINT settings_snapshot_retention_positive CHECK ((snapshot_retention > '00:00:00'::interval)),
    CONSTRAINT settings_validation_interval_positive CHECK ((validation_interval > '00:00:00'::interval)),
    CONSTRAINT settings_verification_interval_positive CHECK ((verification_interval > '00:00:00'::interval)),
    CONSTRAINT settings_verification_period_positive CHECK ((verification_period > '00:00:00'::interval)),
    CONSTRAINT settings_worker_silence_positive CHECK ((worker_silence_limit > '00:00:00'::interval))
);

ALTER TABLE pms.settings OWNER TO pms_owner;

--
-- Name: TABLE settings; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.settings IS 'Tunables of the operator, one row, loaded from the environment at deploy.';

--
-- Name: COLUMN settings.verification_interval; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.verification_interval IS 'Interval at which the stored rows of changed legs are compared with the fold of their entries.';

--
-- Name: COLUMN settings.avg_price_diff_threshold; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.avg_price_diff_threshold IS 'Ratio; the venue''s average replaces ours when it differs by more (0.001 = 0.1 %).';

--
-- Name: COLUMN settings.size_validation_threshold; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.size_validation_threshold IS 'Quantity; a size difference to the venue strictly above it is a discrepancy.';

--
-- Name: COLUMN settings.price_staleness_threshold; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.price_staleness_threshold IS 'A mark price strictly older than this is reported as stale, and still used.';

--
-- Name: COLUMN settings.price_retention; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.price_retention IS 'Retention of the one-minute price bars; limits how far back as_of has values.';

--
-- Name: COLUMN settings.venue_adoption_delay; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.venue_adoption_delay IS 'Grace period before a position that only the venue reports is adopted.';

--
-- Name: COLUMN settings.portfolio_history_interval; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.portfolio_history_interval IS 'Interval at which the totals of every account are recorded.';

--
-- Name: COLUMN settings.portfolio_history_retention; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.portfolio_history_retention IS 'Retention of the recorded totals.';

--
-- Name: COLUMN settings.portfolio_max_exposure_usdt; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.portfolio_max_exposure_usdt IS 'Gross exposure above it sets limit_exceeded; null: no limit.';

--
-- Name: COLUMN settings.rate_limit_enabled; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.rate_limit_enabled IS 'Whether the gateway limits requests.';

--
-- Name: COLUMN settings.rate_limit_default; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.rate_limit_default IS 'Requests per minute for a key of no known tier, and for an address without a key.';

--
-- Name: COLUMN settings.rate_limit_overrides; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.rate_limit_overrides IS 'Requests per minute by name of a key or tier.';

--
-- Name: COLUMN settings.clock_skew_limit; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.clock_skew_limit IS 'A message dated further in the future is rejected: it would block all that follow.';

--
-- Name: COLUMN settings.worker_silence_limit; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.worker_silence_limit IS 'A part of the worker silent for longer counts as disconnected in health.';

--
-- Name: COLUMN settings.price_event_interval; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.price_event_interval IS 'Smallest time between two marks of a stored position, and their events; 0: every price.';

--
-- Name: COLUMN settings.verification_period; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.settings.verification_period IS 'Time in which every stored row is compared once with the fold of all its entries.';

--
-- Name: current_positions; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.current_positions AS
 WITH held AS (
         SELECT h.account,
            h.asset,
            h.mode,
            array_agg(h.leg) AS legs
           FROM pms.priced_legs h
          WHERE pms.in_scope(h.account)
          GROUP BY h.account, h.asset, h.mode
        ), account AS (
         SELECT t.account,
            pms.account_exposure(t.account) AS exposure_usdt
           FROM pms.account_totals t
          WHERE pms.in_scope(t.account)
          GROUP BY t.account
        )
 SELECT p.account,
    v.id,
    p.asset,
    p.mode,
    v.size,
    v.average_entry_price,
    v.current_price,
    v.unrealized_pnl,
    v.realized_pnl,
    v.long_size,
    v.short_size,
    v.unrealized_pnl_pct,
    v.time_held_minutes,
    v.position_size_norm,
    v.cost_basis,
    v.exposure_usdt,
    v.net_exposure_usdt,
    v.fees_paid,
    v.funding,
    v.net_pnl,
    v.unrealized_pnl_usdt,
    v.realized_pnl_usdt,
    v.fees_paid_usdt,
    v.funding_usdt,
    v.net_pnl_usdt,
    v.settlement_currency,
    v.unconverted_fees,
    v.price_status,
    v.price_updated_at,
    v.needs_review,
    v.last_updated,
    v.last_snapshot_at,
    v.closed_at,
    v.created_at,
    v.version
   FROM ((((held p
     CROSS JOIN pms.settings c)
     JOIN account a ON ((p.account = a.account)))
     CROSS JOIN LATERAL pms.sum_legs(p.legs) s(account, asset, mode, position_id, multiplier, is_inverse, settlement_currency, mark_price, priced_at, usdt_rate, size, long_size, short_size, cost, cost_basis, market_value, exposure, unrealized_pnl, realized_pnl, fees_paid, funding, net_pnl, unconverted_fees, open_legs, opened_at, closed_at, needs_review, updated_at, last_snapshot_at, created_at, version))
     CROSS JOIN LATERAL pms.value_position(s.*, a.exposure_usdt, now(), c.price_staleness_threshold) v(account, id, asset, mode, size, average_entry_price, current_price, unrealized_pnl, realized_pnl, long_size, short_size, unrealized_pnl_pct, time_held_minutes, position_size_norm, cost_basis, exposure_usdt, net_exposure_usdt, fees_paid, funding, net_pnl, unrealized_pnl_usdt, realized_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, settlement_currency, unconverted_fees, price_status, price_updated_at, needs_review, last_updated, last_snapshot_at, closed_at, created_at, version));

ALTER TABLE pms.current_positions OWNER TO pms_owner;

--
-- Name: VIEW current_positions; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.current_positions IS 'The current positions with their valuation

One row per account in scope, asset and mode ever traded. Published as api.positions.';

--
-- Name: positions; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.positions AS
 SELECT p.account,
    p.id,
    p.asset,
    p.mode,
    p.size,
    p.average_entry_price,
    p.current_price,
    p.unrealized_pnl,
    p.realized_pnl,
    p.long_size,
    p.short_size,
    p.unrealized_pnl_pct,
    p.time_held_minutes,
    p.position_size_norm,
    p.cost_basis,
    p.exposure_usdt,
    p.net_exposure_usdt,
    p.fees_paid,
    p.funding,
    p.net_pnl,
    p.unrealized_pnl_usdt,
    p.realized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.net_pnl_usdt,
    p.settlement_currency,
    p.unconverted_fees,
    p.price_status,
    p.price_updated_at,
    p.needs_review,
    p.last_updated,
    p.last_snapshot_at,
    p.closed_at,
    p.created_at,
    p.version
   FROM pms.current_positions p;

ALTER TABLE api.positions OWNER TO pms_owner;

--
-- Name: VIEW positions; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.positions IS 'The positions of each account

One row per account, asset and mode ever traded; a closed position has size 0. In hedge mode, a row
shows both legs. Amounts are exact, quotients rounded to 12 fractional digits. Source of the
formulas: accounting.md, "Published fields".';

--
-- Name: COLUMN positions.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.account IS 'The account that holds the position.';

--
-- Name: COLUMN positions.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.id IS 'Never changes.';

--
-- Name: COLUMN positions.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN positions.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.mode IS 'one-way or hedge.';

--
-- Name: COLUMN positions.size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.size IS 'Quantity: + long, - short, 0 closed; in hedge mode long - short.';

--
-- Name: COLUMN positions.average_entry_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.average_entry_price IS 'Quote currency; null when flat and when two legs are open, because averages are never mixed.';

--
-- Name: COLUMN positions.current_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.current_price IS 'The newest mark price; null if there is none.';

--
-- Name: COLUMN positions.unrealized_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.unrealized_pnl IS 'Settlement currency: market value - cost; 0 when flat or without a price.';

--
-- Name: COLUMN positions.realized_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.realized_pnl IS 'Settlement currency: gross realized - fees of closing + funding.';

--
-- Name: COLUMN positions.long_size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.long_size IS 'Quantity held long, not negative; null in one-way mode.';

--
-- Name: COLUMN positions.short_size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.short_size IS 'Quantity held short, not negative; null in one-way mode.';

--
-- Name: COLUMN positions.unrealized_pnl_pct; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.unrealized_pnl_pct IS 'Percentage of the cost basis; null when flat.';

--
-- Name: COLUMN positions.time_held_minutes; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.time_held_minutes IS 'Whole minutes since the current cycle opened; null when flat.';

--
-- Name: COLUMN positions.position_size_norm; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.position_size_norm IS 'Ratio: exposure / total exposure of the account; null without a price.';

--
-- Name: COLUMN positions.cost_basis; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.cost_basis IS 'Settlement currency: cost of the open quantity, summed over legs, not negative.';

--
-- Name: COLUMN positions.exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.exposure_usdt IS 'USDT: |market value| summed over legs; null without a price or a rate.';

--
-- Name: COLUMN positions.net_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.net_exposure_usdt IS 'USDT: signed market value; null without a price or a rate.';

--
-- Name: COLUMN positions.fees_paid; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.fees_paid IS 'Settlement currency: all fees; rebates are negative.';

--
-- Name: COLUMN positions.funding; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.funding IS 'Settlement currency: received (+) or paid (-).';

--
-- Name: COLUMN positions.net_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.net_pnl IS 'Settlement currency: gross realized + unrealized - fees paid + funding; the bottom line.';

--
-- Name: COLUMN positions.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.unrealized_pnl_usdt IS 'USDT: unrealized_pnl at the newest rate; null without a rate.';

--
-- Name: COLUMN positions.realized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.realized_pnl_usdt IS 'USDT: realized_pnl at the newest rate; null without a rate.';

--
-- Name: COLUMN positions.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.fees_paid_usdt IS 'USDT: fees_paid at the newest rate; null without a rate.';

--
-- Name: COLUMN positions.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.funding_usdt IS 'USDT: funding at the newest rate; null without a rate.';

--
-- Name: COLUMN positions.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.net_pnl_usdt IS 'USDT: net_pnl at the newest rate; null without a rate.';

--
-- Name: COLUMN positions.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.settlement_currency IS 'The currency of cost, PnL and fees.';

--
-- Name: COLUMN positions.unconverted_fees; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.unconverted_fees IS 'Count: entries whose fee is not counted because no rate is known for their time.';

--
-- Name: COLUMN positions.price_status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.price_status IS 'fresh, stale (older than the threshold, still used) or missing.';

--
-- Name: COLUMN positions.price_updated_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.price_updated_at IS 'The time of the mark price.';

--
-- Name: COLUMN positions.needs_review; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.needs_review IS 'An operator should look: it disagrees with the venue, or a leg is on the wrong side.';

--
-- Name: COLUMN positions.last_updated; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.last_updated IS 'When the row last changed.';

--
-- Name: COLUMN positions.last_snapshot_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.last_snapshot_at IS 'Time of the latest snapshot; null if there is none.';

--
-- Name: COLUMN positions.closed_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.closed_at IS 'When the position became flat; null while open.';

--
-- Name: COLUMN positions.created_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.created_at IS 'When the service first recorded the position.';

--
-- Name: COLUMN positions.version; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.positions.version IS 'Rises with every entry, and once an interval with a new price; in hedge mode, summed over legs.';

--
-- Name: positions_as_of(timestamp with time zone, timestamp with time zone, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.positions_as_of(at timestamp with time zone DEFAULT clock_timestamp(), known_at timestamp with time zone DEFAULT clock_timestamp(), account text DEFAULT NULL::text, asset text DEFAULT NULL::text) RETURNS SETOF api.positions
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    RETURN QUERY
    SELECT p.*
    FROM pms.positions_from_legs(
        -- From the ledger, also for the present.
        pms.select_legs(
            coalesce(positions_as_of.at, 'infinity'),
            coalesce(positions_as_of.known_at, 'infinity'),
            pms.require_account(positions_as_of.account)
        ),
        least(positions_as_of.at, now())
    ) p
    WHERE positions_as_of.asset IS NULL
        OR p.asset = upper(positions_as_of.asset);
END
$$;

ALTER FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) IS 'What each account held at a moment, as known at another

The rows of api.positions, from the ledger: at is the moment of the events, known_at that of our
knowledge, both now unless said. Late, busted and corrected entries count as known at known_at;
prices and rates are those of the moment. A moment to come is now. Without account: of all.
version and last_updated are those of the newest entry; needs_review covers crossed legs only.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts';

--
-- Name: record_fill(text, text, text, text, text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_fill(execution_id text DEFAULT NULL::text, asset text DEFAULT NULL::text, side text DEFAULT NULL::text, execution_quantity text DEFAULT NULL::text, execution_price text DEFAULT NULL::text, execution_fees text DEFAULT NULL::text, fee_currency text DEFAULT NULL::text, executed_at text DEFAULT NULL::text, order_id text DEFAULT NULL::text, account text DEFAULT NULL::text, mode text DEFAULT NULL::text, position_side text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_fill jsonb := jsonb_build_object(
        'execution_id', execution_id,
        'asset', asset,
        'side', side,
        'execution_quantity', execution_quantity,
        'execution_price', execution_price,
        'execution_fees', execution_fees,
        'fee_currency', fee_currency,
        'executed_at', executed_at,
        'order_id', order_id,
        'account', account,
        'mode', mode,
        'position_side', position_side
    );
    command pms.command := pms.begin_command('record_fill', v_fill, pms.resolve_account(account));
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            CASE
                -- Without it, repeating the request would record the fill twice.
                WHEN execution_id IS NULL
                    THEN pms.error_response(
                            400, 'VALIDATION_ERROR', 'execution_id is missing',
                            '{"field": "execution_id", "expected": "1 to 128 characters"}'
                        )
            END,
            pms.outcome_response(
                pms.submit('order_executed', jsonb_build_array(jsonb_strip_nulls(v_fill))) -> 0
            )
        )
    );
END
$$;

ALTER FUNCTION api.record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text) IS 'Record one fill by hand

Answers {outcome, reason, detail, trace_id}: applied, or duplicate when the same execution_id
with the same content was applied before.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the execution_id was applied before with other content';

--
-- Name: record_fills(jsonb); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_fills(fills jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_fills', jsonb_build_object('fills', fills)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.batch_error('fills', fills),
            jsonb_build_object('outcomes', pms.submit('order_executed', fills))
        )
    );
END
$$;

ALTER FUNCTION api.record_fills(fills jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION record_fills(fills jsonb); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_fills(fills jsonb) IS 'Record fills by hand, with one outcome each

fills: an array of 1 to 1000 objects with the fields of an execution (contract.md, section 2):
execution_id (or order_id with executed_at), asset, side, execution_quantity, execution_price,
execution_fees, executed_at, account, mode, position_side. Answers {outcomes}: applied,
duplicate, ignored or rejected with reason and detail; one bad fill costs its neighbors nothing.
Safe to repeat.

Refuses with:
- 400 VALIDATION_ERROR when fills is not such an array
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: record_funding(text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_funding(funding_id text DEFAULT NULL::text, asset text DEFAULT NULL::text, amount text DEFAULT NULL::text, executed_at text DEFAULT NULL::text, account text DEFAULT NULL::text, mode text DEFAULT NULL::text, position_side text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_funding jsonb := jsonb_build_object(
        'funding_id', funding_id,
        'asset', asset,
        'amount', amount,
        'executed_at', executed_at,
        'account', account,
        'mode', mode,
        'position_side', position_side
    );
    command pms.command := pms.begin_command(
        'record_funding', v_funding, pms.resolve_account(account)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('funding', jsonb_build_array(jsonb_strip_nulls(v_funding))) -> 0
            )
        )
    );
END
$$;

ALTER FUNCTION api.record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text) IS 'Record a funding payment by hand

amount: in the settlement currency, + received, - paid. Position, executed_at and funding_id say
which payment it is: sent again it is a duplicate. Answers {outcome, reason, detail, trace_id}.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when this payment was recorded before with another amount';

--
-- Name: record_price(text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_price(symbol text DEFAULT NULL::text, mark_price text DEFAULT NULL::text, "timestamp" text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_price jsonb := jsonb_build_object(
        'symbol', symbol, 'mark_price', mark_price, 'timestamp', record_price.timestamp
    );
    command pms.command := pms.begin_command('record_price', v_price);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.outcome_response(
                pms.submit('ticker', jsonb_build_array(jsonb_strip_nulls(v_price))) -> 0
            )
        )
    );
END
$$;

ALTER FUNCTION api.record_price(symbol text, mark_price text, "timestamp" text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_price(symbol text, mark_price text, "timestamp" text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_price(symbol text, mark_price text, "timestamp" text) IS 'Record one mark price by hand

Answers {outcome, reason, detail, trace_id}: applied, duplicate, or stale when a newer price is
known. timestamp is the time of the price, default now.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: record_prices(jsonb); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_prices(prices jsonb) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    command pms.command := pms.begin_command(
        'record_prices', jsonb_build_object('prices', prices)
    );
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.batch_error('prices', prices),
            jsonb_build_object('outcomes', pms.submit('ticker', prices))
        )
    );
END
$$;

ALTER FUNCTION api.record_prices(prices jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION record_prices(prices jsonb); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_prices(prices jsonb) IS 'Record mark prices by hand, with one outcome each

prices: an array of 1 to 1000 objects {symbol, mark_price, timestamp (default: now)}. Answers
{outcomes}: applied, duplicate, stale (a newer price is known) or rejected with reason and detail.

Refuses with:
- 400 VALIDATION_ERROR when prices is not such an array
- 403 FORBIDDEN when the key is bound to accounts
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: record_transfer(text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.record_transfer(transfer_id text DEFAULT NULL::text, asset text DEFAULT NULL::text, quantity text DEFAULT NULL::text, from_account text DEFAULT NULL::text, to_account text DEFAULT NULL::text, price text DEFAULT NULL::text, mode text DEFAULT NULL::text, position_side text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_given jsonb := jsonb_build_object(
        'transfer_id', transfer_id,
        'asset', asset,
        'quantity', quantity,
        'from_account', from_account,
        'to_account', to_account,
        'price', price,
        'mode', mode,
        'position_side', position_side
    );
    command pms.command := pms.begin_command('record_transfer', v_given, from_account);
    asked pms.transfer := pms.parse_transfer(v_given);
    v_outcome text;
    v_changed pms.changed_leg[];
BEGIN
    IF command.answer IS NULL AND asked.objections IS NULL THEN
        PERFORM pms.require_account(a.account)
        FROM unnest(ARRAY[asked.from_account, asked.to_account]) a (account);

        SELECT r.outcome, r.changed
        INTO v_outcome, v_changed
        FROM pms.record_transfer(asked, command.trace_id) r;

        PERFORM pms.finish_entries(v_changed, 'api');
    END IF;

    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            CASE v_outcome
                WHEN 'conflict'
                    THEN pms.error_response(
                            409, 'CONFLICT', 'already recorded with other content',
                            jsonb_build_object(
                                'reason', 'identity_conflict', 'transfer_id', asked.transfer_id
                            )
                        )
                WHEN 'insufficient'
                    THEN pms.error_response(
                            409, 'CONFLICT', 'insufficient position',
                            jsonb_build_object(
                                'from_account', asked.from_account,
                                'asset', asked.asset,
                                'mode', asked.mode,
                                'quantity', pms.decimal_text(asked.quantity)
                            )
                        )
                ELSE jsonb_build_object('outcome', v_outcome, 'trace_id', command.trace_id)
            END
        )
    );
END
$$;

ALTER FUNCTION api.record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text) IS 'Move a quantity of a position to another account

Without price at cost: nothing is realized. At a price: the account that gives realizes as if it had
traded there. Two linked entries, transfer:<transfer_id> in both accounts; sent again it is a
duplicate. quantity > 0, long or short. position_side: in hedge mode.

Refuses with:
- 400 VALIDATION_ERROR when a field is missing or out of its range; details name it
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when the account holds less, or transfer_id was used before for another transfer';

--
-- Name: remove_limit(text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.remove_limit(id text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_removed text;
BEGIN
    DELETE FROM pms.limits l
    WHERE l.id = remove_limit.id
    RETURNING l.source INTO v_removed;

    IF v_removed IS NULL THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = 'no such limit',
            DETAIL = format('id is %L', remove_limit.id),
            HINT = 'Name one by the id that api.limits shows.';
    END IF;
    IF v_removed = 'settings' THEN
        RAISE SQLSTATE 'PT409' USING
            MESSAGE = 'limit of the settings',
            DETAIL = format('%s would be back with the next deploy', remove_limit.id),
            HINT = 'Empty POSITION_MANAGER_PORTFOLIO_MAX_EXPOSURE_USDT and deploy.';
    END IF;
    PERFORM pms.audit_command('remove_limit', jsonb_build_object('id', remove_limit.id));
END
$$;

ALTER FUNCTION api.remove_limit(id text) OWNER TO pms_owner;

--
-- Name: FUNCTION remove_limit(id text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.remove_limit(id text) IS 'Remove a limit; its breach, if there is one, ends

Refuses with:
- 404 `no such limit`
- 409 `limit of the settings` when it is the environment''s to remove';

--
-- Name: retry_dead_letter(bigint); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.retry_dead_letter(id bigint) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    command pms.command := pms.begin_command(
        'retry_dead_letter', jsonb_build_object('id', id)
    );
    letter pms.rejected_messages;
    v_messages jsonb[];
    v_answer jsonb;
    became pms.outcome;
BEGIN
    PERFORM pms.require_unscoped_key();

    SELECT r.*
    INTO letter
    FROM pms.rejected_messages r
    WHERE r.id = retry_dead_letter.id
        AND command.answer IS NULL
    FOR UPDATE;

    v_messages := ARRAY[pms.parse_json(letter.body)];
    v_answer := coalesce(
        command.answer,
        CASE
            WHEN letter.id IS NULL THEN pms.dead_letter_not_found(id)
            -- The reasons of the worker's parser: jsonb accepts some of what it refuses.
            WHEN letter.reason IN (
                    'too_large', 'invalid_encoding', 'invalid_json', 'not_an_object',
                    'duplicate_key', 'too_deep', 'number_out_of_range', 'invalid_character'
                )
                OR v_messages[1] IS NULL
                THEN pms.error_response(
                        409, 'CONFLICT', 'it cannot be read: drop it, and send a valid message',
                        jsonb_build_object('id', letter.id, 'reason', letter.reason)
                    )
        END
    );
    IF v_answer IS NOT NULL THEN
        RETURN pms.end_command(command, v_answer);
    END IF;

    CASE letter.feed
        WHEN 'order_events' THEN
            became := pms.apply_order_events(v_messages);
        WHEN 'venue_positions' THEN
            became := pms.apply_venue_positions(v_messages);
        WHEN 'prices' THEN
            became := pms.apply_prices(v_messages);
    END CASE;

    IF became.outcome = 'rejected' THEN
        UPDATE pms.rejected_messages r
        SET reason = became.reason,
            detail = became.detail,
            last_seen_at = now()
        WHERE r.id = letter.id;
    ELSE
        DELETE FROM pms.rejected_messages r WHERE r.id = letter.id;
    END IF;

    RETURN pms.end_command(
        command, pms.outcome_json(became) - 'ordinal' || jsonb_build_object('id', letter.id)
    );
END
$$;

ALTER FUNCTION api.retry_dead_letter(id bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION retry_dead_letter(id bigint); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.retry_dead_letter(id bigint) IS 'Take a refused message again, as if it had just come

Answers {id, outcome, reason, detail, trace_id}. Unless it is rejected again, for the reason that is
then recorded, it leaves the dead letters. Of two at once, or a second time, it counts once.

Refuses with:
- 403 FORBIDDEN when the key is bound to accounts
- 404 NOT_FOUND when there is no such dead letter
- 409 CONFLICT when it is not JSON, or not the strict one that messages have to be';

--
-- Name: revoke_key(text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.revoke_key(id text) RETURNS api.keys
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    revoked api.keys;
BEGIN
    UPDATE pms.api_keys k
    SET revoked_at = coalesce(k.revoked_at, now())
    WHERE k.id = revoke_key.id;

    IF NOT FOUND THEN
        RAISE SQLSTATE 'PT404' USING MESSAGE = format('no key %s', revoke_key.id);
    END IF;

    SELECT k.* INTO STRICT revoked FROM api.keys k WHERE k.id = revoke_key.id;
    PERFORM pms.audit_command('revoke_key', jsonb_build_object('id', revoke_key.id));
    RETURN revoked;
END
$$;

ALTER FUNCTION api.revoke_key(id text) OWNER TO pms_owner;

--
-- Name: FUNCTION revoke_key(id text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.revoke_key(id text) IS 'Revoke a key from the next request on

May be repeated.

Refuses with:
- PT404 when there is no such key';

--
-- Name: rotate_key(text, text, bytea, interval, bytea); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.rotate_key(id text, new_id text, new_digest bytea, overlap interval DEFAULT '1 day'::interval, new_fingerprint bytea DEFAULT NULL::bytea) RETURNS api.keys
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    held pms.api_keys;
    created api.keys;
BEGIN
    SELECT k.*
    INTO held
    FROM pms.api_keys k
    WHERE k.id = rotate_key.id
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now())
    FOR UPDATE;

    IF NOT FOUND THEN
        RAISE SQLSTATE 'PT404' USING
            MESSAGE = format('no live key %s', rotate_key.id),
            HINT = 'Make a new one.';
    END IF;

    INSERT INTO pms.api_keys (
        id, digest, handle, fingerprint, role, name, tier, account_scope, replaces, expires_at
    )
    VALUES (
        rotate_key.new_id, rotate_key.new_digest, rotate_key.new_id, rotate_key.new_fingerprint,
        held.role, held.name, held.tier, held.account_scope, held.id, held.expires_at
    );

    UPDATE pms.api_keys k
    SET expires_at = least(k.expires_at, now() + greatest(rotate_key.overlap, interval '0'))
    WHERE k.id = rotate_key.id;

    SELECT k.* INTO STRICT created FROM api.keys k WHERE k.id = rotate_key.new_id;
    PERFORM pms.audit_command(
        'rotate_key',
        jsonb_build_object(
            'id', rotate_key.id,
            'new_id', rotate_key.new_id,
            'overlap', rotate_key.overlap
        )
    );
    RETURN created;
END
$$;

ALTER FUNCTION api.rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea) OWNER TO pms_owner;

--
-- Name: FUNCTION rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea) IS 'Replace a key by a new one

The new one may what the old one may, as long as it may. Both open for overlap; then the old one has
expired. new_digest: sha256 of the new key''s text; new_fingerprint: as create_key takes it.

Refuses with:
- PT404 when there is no such key, or it is revoked or expired already
- 23505 when new_id is taken';

--
-- Name: set_capital(numeric, text, timestamp with time zone); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.set_capital(amount numeric, account text DEFAULT 'main'::text, effective_at timestamp with time zone DEFAULT now()) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', set_capital.account)]::pms.argument[], '{account}'
    );
    v_account text := asked.value ->> 'account';
BEGIN
    IF asked.objections IS NOT NULL
        OR (set_capital.amount >= 0 AND set_capital.amount < 1e20) IS NOT TRUE
        OR isfinite(set_capital.effective_at) IS NOT TRUE
    THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such capital can be',
            DETAIL = format(
                '%s of %L from %s', set_capital.amount, set_capital.account,
                set_capital.effective_at
            ),
            HINT = 'An amount is from 0 to below 10^20 USDT, of an account, from a moment on.';
    END IF;

    INSERT INTO pms.capital AS c (account, effective_at, amount)
    VALUES (v_account, set_capital.effective_at, set_capital.amount)
    ON CONFLICT ON CONSTRAINT capital_pkey DO UPDATE
    SET amount = excluded.amount;
    PERFORM pms.audit_command(
        'set_capital',
        jsonb_build_object(
            'amount', set_capital.amount,
            'account', set_capital.account,
            'effective_at', set_capital.effective_at
        ),
        v_account
    );
END
$$;

ALTER FUNCTION api.set_capital(amount numeric, account text, effective_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION set_capital(amount numeric, account text, effective_at timestamp with time zone); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.set_capital(amount numeric, account text, effective_at timestamp with time zone) IS 'Say what an account has to trade with, from a moment on

amount: all of it, in USDT; what is added or taken out is neither gain nor loss. Equity is capital +
net PnL. Minutes of the history that are kept stay as they are.

Refuses with:
- 400 `no such capital can be`';

--
-- Name: set_limit(text, numeric, numeric, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.set_limit(metric text, breach_level numeric, warn_level numeric DEFAULT NULL::numeric, account text DEFAULT NULL::text, asset text DEFAULT NULL::text) RETURNS text
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('account', 'account', set_limit.account), ('asset', 'asset', set_limit.asset)
        ]::pms.argument[]
    );
    v_account text := asked.value ->> 'account';
    v_asset text := asked.value ->> 'asset';
    v_metric text := lower(replace(set_limit.metric, '-', '_'));
    v_ceiling numeric := CASE v_metric WHEN 'exposure_share' THEN 1 ELSE 1e20 - 1 END;
    v_hint text;
    v_id text;
BEGIN
    v_hint := CASE
        WHEN asked.objections IS NOT NULL
            THEN (
                SELECT string_agg(o.key || ' ' || o.value, '; ')
                FROM jsonb_each_text(asked.objections) o
            )
        WHEN v_metric NOT IN (
                'gross_exposure', 'net_exposure', 'position_size', 'exposure_share', 'drawdown',
                'daily_loss'
            ) IS NOT FALSE
            THEN 'metric must be gross_exposure, net_exposure, position_size, exposure_share, '
                'drawdown or daily_loss'
        WHEN v_metric = 'position_size' AND v_asset IS NULL
            THEN 'asset must be given: a position_size is of one'
        WHEN v_metric IN ('drawdown', 'daily_loss') AND v_asset IS NOT NULL
            THEN format('asset must be absent: %s is of all assets', v_metric)
        WHEN (set_limit.breach_level > 0 AND set_limit.breach_level <= v_ceiling) IS NOT TRUE
            THEN format('breach_level must be above 0 and at most %s', v_ceiling)
        WHEN (set_limit.warn_level > 0 AND set_limit.warn_level <= set_limit.breach_level) IS FALSE
            THEN 'warn_level must be above 0 and at most breach_level'
    END;
    IF v_hint IS NOT NULL THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such limit can be',
            DETAIL = format(
                '%s, warn at %s, breach at %s', set_limit.metric,
                coalesce(set_limit.warn_level::text, 'nothing'), set_limit.breach_level
            ),
            HINT = v_hint;
    END IF;

    INSERT INTO pms.limits AS l (account, asset, metric, warn_level, breach_level)
    VALUES (
        coalesce(v_account, '*'), coalesce(v_asset, '*'), v_metric,
        set_limit.warn_level, set_limit.breach_level
    )
    ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
    SET warn_level = excluded.warn_level,
        breach_level = excluded.breach_level,
        -- One of the settings stays theirs as long as it says what they say.
        source = CASE
            WHEN l.breach_level = excluded.breach_level THEN l.source
            ELSE excluded.source
        END,
        updated_at = now()
    RETURNING l.id INTO STRICT v_id;

    PERFORM pms.audit_command(
        'set_limit',
        jsonb_build_object(
            'metric', set_limit.metric,
            'breach_level', set_limit.breach_level,
            'warn_level', set_limit.warn_level,
            'account', set_limit.account,
            'asset', set_limit.asset
        ),
        v_account,
        v_asset
    );
    RETURN v_id;
END
$$;

ALTER FUNCTION api.set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text) IS 'Set a limit, and return its id

Without account: on all accounts together; without asset: on all assets. metric: gross_exposure,
net_exposure, drawdown, daily_loss (USDT), position_size (a quantity, of an asset), exposure_share
(ratio, of an asset or of the largest one). A value above breach_level breaches, above warn_level
warns. The same account, asset and metric are one limit. One that the settings have set
(PORTFOLIO_MAX_EXPOSURE_USDT) is as they say again after the next deploy.

Refuses with:
- 400 `no such limit can be` when a value is out of its range; the hint names it';

--
-- Name: validate_position(text, text, text, text); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.validate_position(asset text DEFAULT NULL::text, mode text DEFAULT NULL::text, fix_discrepancies text DEFAULT NULL::text, account text DEFAULT NULL::text) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', asset),
            ('mode', 'mode', mode),
            ('fix_discrepancies', 'flag', fix_discrepancies),
            ('account', 'account', account)
        ]::pms.argument[],
        '{asset}'
    );
    v_account text := pms.resolve_account(nullif(account, ''));
    v_asset text := asked.value ->> 'asset';
    v_mode text := coalesce(asked.value ->> 'mode', 'one-way');
    command pms.command := pms.begin_command('validate_position', asked.given, v_account);
BEGIN
    RETURN pms.end_command(
        command,
        coalesce(
            command.answer,
            pms.validation_error(asked.objections),
            CASE
                WHEN pms.position_is_known(v_account, v_asset, v_mode)
                    THEN pms.validate_position(
                            v_account, v_asset, v_mode,
                            coalesce((asked.value ->> 'fix_discrepancies')::boolean, TRUE),
                            command.trace_id
                        )
            END,
            pms.position_not_found(v_account, v_asset, v_mode)
        )
    );
END
$$;

ALTER FUNCTION api.validate_position(asset text, mode text, fix_discrepancies text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION validate_position(asset text, mode text, fix_discrepancies text, account text); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.validate_position(asset text, mode text, fix_discrepancies text, account text) IS 'Compare a position with its ledger, the rules and the venue

Answers is_valid (nothing is wrong, or nothing any more), error_message, discrepancies, and
updated_position when something was fixed. Without fix_discrepancies: true; without mode: one-way;
without account: main.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 404 NOT_FOUND when there is neither a position nor any evidence of one
- 409 CONFLICT when its Idempotency-Key came with another request';

--
-- Name: verify_ledger(); Type: FUNCTION; Schema: api; Owner: pms_owner
--

CREATE FUNCTION api.verify_ledger() RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_requested_at timestamptz := clock_timestamp();
    v_id bigint;
    v_after pms.position_key;
BEGIN
    PERFORM pg_advisory_xact_lock(pms.job_lock('verify_ledger'));

    -- A verification that began after this request answers both.
    v_id := (
        SELECT max(v.id)
        FROM pms.verifications v
        WHERE v.started_at >= v_requested_at
            AND v.finished_at IS NOT NULL
    );

    IF v_id IS NULL THEN
        v_id := pms.begin_verification();
        LOOP
            v_after := pms.continue_verification(v_id, v_after);
            EXIT WHEN v_after IS NULL;
        END LOOP;
    END IF;

    PERFORM pms.audit_command('verify_ledger', '{}');
    RETURN (
        SELECT jsonb_build_object(
            'started_at', pms.time_text(v.started_at),
            'finished_at', pms.time_text(v.finished_at),
            'positions', v.positions,
            'entries', v.entries,
            'discrepancies', v.discrepancies,
            'findings', v.findings
        )
        FROM pms.verifications v
        WHERE v.id = v_id
    );
END
$$;

ALTER FUNCTION api.verify_ledger() OWNER TO pms_owner;

--
-- Name: FUNCTION verify_ledger(); Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON FUNCTION api.verify_ledger() IS 'Fold the whole ledger again and compare it with what is stored

Every row and every checkpoint, in all accounts. Answers {started_at, finished_at, positions,
entries, discrepancies, findings}: the first 100, each with account, asset, mode, source, leg, field,
stored and expected. Waits for a verification that runs; writers wait for neither.';

--
-- Name: account_limits(pms.portfolio_total[], text, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone) RETURNS SETOF pms.limit_state
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_limits pms.limits[] := ARRAY(
        SELECT l
        FROM pms.limits l
        WHERE (account_limits.account IS NULL OR l.account IN ('*', account_limits.account))
            AND (
                pms.in_scope(l.account)
                -- The totals of all accounts are of those in scope; their history has no such part.
                OR l.account = '*' AND (
                    account_limits.account IS NOT NULL
                    OR l.metric NOT IN ('drawdown', 'daily_loss')
                )
            )
    );
    v_at timestamptz := coalesce(account_limits.at, clock_timestamp());
    v_held pms.limit_basis[];
    v_marks pms.equity_marks[];
BEGIN
    IF v_limits = '{}' THEN
        RETURN;
    END IF;

    IF EXISTS (SELECT 1 FROM unnest(v_limits) l WHERE l.metric IN ('drawdown', 'daily_loss')) THEN
        v_marks := pms.equity_marks_at(account_limits.account, account_limits.at);
    END IF;

    -- A variable: with a subquery among its arguments pms.limit_usage would not be inlined, and
    -- planned at each call (ADR 0002).
    v_held := ARRAY(
        SELECT (
            coalesce(t.account, '*'), coalesce(t.asset, '*'), t.long_size, t.short_size,
            t.exposure_usdt, t.net_exposure_usdt, t.net_pnl_usdt
        )::pms.limit_basis
        FROM unnest(account_limits.totals) t
    );

    RETURN QUERY
    SELECT u.*
    FROM pms.limit_usage(v_limits, v_held, v_marks, v_at) u
    ORDER BY u.scope DESC, u.id;
END
$$;

ALTER FUNCTION pms.account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone) IS 'How far the limits of an account are used, by its totals

totals: of all that the account holds; account: null is all accounts; at: the moment of the totals,
null is now. Seen from one account, a limit of the portfolio is judged by that account alone.';

--
-- Name: account_scope(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.account_scope() RETURNS text[]
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN string_to_array(NULLIF(current_setting('pms.account_scope'::text, true), ''::text), ','::text);

ALTER FUNCTION pms.account_scope() OWNER TO pms_owner;

--
-- Name: FUNCTION account_scope(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.account_scope() IS 'The accounts that the caller is bound to; null: no restriction

Set by pms.check_request for the transaction of a request.';

--
-- Name: add_exposures(pms.exposure_change[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.add_exposures(changes pms.exposure_change[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO pms.account_totals AS t (account, writer, currency, exposure)
    SELECT c.account, pg_backend_pid(), c.currency, sum(c.exposure)
    FROM unnest(add_exposures.changes) c
    GROUP BY c.account, c.currency
    ORDER BY c.account, c.currency
    ON CONFLICT ON CONSTRAINT account_totals_pkey DO UPDATE
    SET exposure = t.exposure + excluded.exposure
    WHERE excluded.exposure <> 0;
END
$$;

ALTER FUNCTION pms.add_exposures(changes pms.exposure_change[]) OWNER TO pms_owner;

--
-- Name: FUNCTION add_exposures(changes pms.exposure_change[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.add_exposures(changes pms.exposure_change[]) IS 'Add to the kept exposure of accounts

Call it in the transaction that changes the exposure of their legs. Each session adds to rows of its
own, so that two writers on one account never wait for each other.';

--
-- Name: validations; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.validations (
    id bigint NOT NULL,
    origin text NOT NULL,
    scope text,
    is_fixing boolean NOT NULL,
    positions bigint DEFAULT 0 NOT NULL,
    discrepancies bigint DEFAULT 0 NOT NULL,
    fixes bigint DEFAULT 0 NOT NULL,
    errors bigint DEFAULT 0 NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    trace_id text,
    CONSTRAINT validations_origin_is_known CHECK ((origin = ANY (ARRAY['request'::text, 'job'::text])))
);

ALTER TABLE pms.validations OWNER TO pms_owner;

--
-- Name: TABLE validations; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.validations IS 'Runs of validation, of one position or of all, with their counts.';

--
-- Name: COLUMN validations.scope; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.validations.scope IS 'account/asset/mode of the position; null: all.';

--
-- Name: COLUMN validations.discrepancies; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.validations.discrepancies IS 'Number found, including fixed ones.';

--
-- Name: COLUMN validations.errors; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.validations.errors IS 'Positions whose ledger could not be folded.';

--
-- Name: COLUMN validations.finished_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.validations.finished_at IS 'Null: running, or interrupted.';

--
-- Name: add_validation_counts(bigint, bigint, pms.reconciled_position[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]) RETURNS pms.validations
    LANGUAGE sql
    AS $$
WITH counted AS (
    SELECT
        add_validation_counts.positions,
        coalesce(sum(cardinality(c.seen)), 0) AS discrepancies,
        coalesce(sum(f.fixes), 0) AS fixes,
        count(c.objection) AS errors
    FROM unnest(add_validation_counts.reconciled) c
    CROSS JOIN LATERAL (
        SELECT count(*) AS fixes FROM unnest(c.seen) d WHERE d.status = 'fixed'
    ) f
),

total AS (
    UPDATE pms.validation_statistics s
    SET total_validations = s.total_validations + n.positions,
        total_discrepancies = s.total_discrepancies + n.discrepancies,
        total_fixes = s.total_fixes + n.fixes,
        total_errors = s.total_errors + n.errors
    FROM counted n
)

UPDATE pms.validations v
SET positions = v.positions + n.positions,
    discrepancies = v.discrepancies + n.discrepancies,
    fixes = v.fixes + n.fixes,
    errors = v.errors + n.errors
FROM counted n
WHERE v.id = add_validation_counts.validation
RETURNING v.*
$$;

ALTER FUNCTION pms.add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]) OWNER TO pms_owner;

--
-- Name: FUNCTION add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]) IS 'Add the results of some positions to a validation and to the statistics; returns the validation.';

--
-- Name: entries; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.entries (
    account text NOT NULL,
    id bigint NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    kind text NOT NULL,
    identity text NOT NULL,
    order_id text,
    quantity numeric NOT NULL,
    price numeric,
    fee numeric DEFAULT 0 NOT NULL,
    fee_currency text,
    fee_native numeric,
    fee_rate numeric,
    amount numeric,
    realized numeric,
    version bigint NOT NULL,
    amends text,
    cause text,
    counter_account text,
    executed_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    trace_id text,
    CONSTRAINT entries_amount_is_finite CHECK ((abs(amount) < 'Infinity'::numeric)),
    CONSTRAINT entries_cash_has_amount CHECK (((kind <> ALL (ARRAY['adjustment'::text, 'funding'::text])) OR (amount IS NOT NULL))),
    CONSTRAINT entries_cause_is_known CHECK ((cause = ANY (ARRAY['venue_average'::text, 'venue_size'::text, 'adoption'::text, 'import'::text]))),
    CONSTRAINT entries_fee_in_range CHECK (((abs(fee) < '100000000000000000000'::numeric) AND (scale(fee) <= 18))),
    CONSTRAINT entries_fee_native_in_range CHECK (((abs(fee_native) < '100000000000000000000'::numeric) AND (scale(fee_native) <= 18))),
    CONSTRAINT entries_fee_rate_not_negative CHECK (((fee_rate >= (0)::numeric) AND (fee_rate < 'Infinity'::numeric))),
    CONSTRAINT entries_kind_is_known CHECK ((kind = ANY (ARRAY['trade'::text, 'opening'::text, 'transfer'::text, 'adjustment'::text, 'funding'::text]))),
    CONSTRAINT entries_leg_fits_mode CHECK ((((mode = 'one-way'::text) AND (leg = 'net'::text)) OR ((mode = 'hedge'::text) AND (leg = ANY (ARRAY['long'::text, 'short'::text]))))),
    CONSTRAINT entries_opening_carries_over CHECK (((realized IS NULL) OR (kind = 'opening'::text))),
    CONSTRAINT entries_opening_opens CHECK (((kind <> 'opening'::text) OR (quantity <> (0)::numeric) OR (realized IS NOT NULL))),
    CONSTRAINT entries_price_in_range CHECK (((abs(price) < '100000000000000000000'::numeric) AND (scale(price) <= 18))),
    CONSTRAINT entries_quantity_in_range CHECK (((abs(quantity) < '100000000000000000000'::numeric) AND (scale(quantity) <= 18))),
    CONSTRAINT entries_realized_is_finite CHECK ((abs(realized) < 'Infinity'::numeric)),
    CONSTRAINT entries_statement_is_whole CHECK (((kind <> ALL (ARRAY['opening'::text, 'adjustment'::text])) OR ((fee = (0)::numeric) AND ((quantity <> (0)::numeric) OR (amount = (0)::numeric))))),
    CONSTRAINT entries_trade_has_quantity CHECK (((kind <> ALL (ARRAY['trade'::text, 'transfer'::text])) OR (quantity <> (0)::numeric))),
    CONSTRAINT entries_trade_has_value CHECK (((kind <> ALL (ARRAY['trade'::text, 'opening'::text, 'transfer'::text])) OR (price IS NOT NULL) OR (amount IS NOT NULL)))
);

ALTER TABLE pms.entries OWNER TO pms_owner;

--
-- Name: TABLE entries; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.entries IS 'The ledger: every entry that ever changed a position

Append-only: a correction is another entry. A position is the fold of its entries.';

--
-- Name: COLUMN entries.identity; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.identity IS 'Identifies the entry when it is sent again; unique within the account, forever.';

--
-- Name: COLUMN entries.quantity; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.quantity IS 'Signed: + buys, - sells; of an absolute entry the size

An absolute entry (opening, adjustment) sets the leg at executed_at, whatever came before. A late
entry dated before it changes the realized PnL and not the size after it.';

--
-- Name: COLUMN entries.price; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.price IS 'Quote currency; null for funding, and for a transfer at cost.';

--
-- Name: COLUMN entries.fee; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.fee IS 'Settlement currency, as counted; a rebate is negative.';

--
-- Name: COLUMN entries.fee_currency; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.fee_currency IS 'Currency in which the fee was charged; null: the settlement currency.';

--
-- Name: COLUMN entries.fee_native; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.fee_native IS 'The fee as charged, if not in the settlement currency.';

--
-- Name: COLUMN entries.fee_rate; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.fee_rate IS 'Settlement currency per unit of the fee''s currency, at executed_at

Null beside a fee_native: no rate was known, so the fee is not counted yet and the position reports
it as unconverted. 0: the fee was taken from the quantity (spot).';

--
-- Name: COLUMN entries.amount; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.amount IS 'The value of an entry whose value is not quantity at price

Funding: the cash received (+) or paid (-). Adjustment, and an opening without a price: the signed
cost of the size. Transfer at cost, and a spot fill whose fee was taken from the quantity: the
signed value. Else null.';

--
-- Name: COLUMN entries.realized; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.realized IS 'An opening: gross realized PnL carried over; else null.';

--
-- Name: COLUMN entries.version; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.version IS 'Version of the leg after this entry.';

--
-- Name: COLUMN entries.amends; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.amends IS 'A correction: the identity of the entry that it replaces.';

--
-- Name: COLUMN entries.cause; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.cause IS 'Cause of an absolute entry: venue_average, venue_size, adoption or import; else null.';

--
-- Name: COLUMN entries.counter_account; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.counter_account IS 'A transfer: the other account.';

--
-- Name: COLUMN entries.executed_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.executed_at IS 'Event time at the venue.';

--
-- Name: COLUMN entries.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.entries.recorded_at IS 'When the service recorded it.';

--
-- Name: adjustment_entries(pms.finding[], timestamp with time zone, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text DEFAULT NULL::text) RETURNS pms.entries[]
    LANGUAGE sql STABLE
    AS $$
SELECT ARRAY(
    SELECT pms.new_entry(
        account => f.account,
        asset => f.asset,
        mode => f.mode,
        leg => f.leg,
        kind => CASE f.kind WHEN 'adoption' THEN 'opening' ELSE 'adjustment' END,
        cause => CASE f.kind
            WHEN 'adoption' THEN 'adoption'
            WHEN 'size' THEN 'venue_size'
            ELSE 'venue_average'
        END,
        identity => f.identity,
        quantity => f.target_size,
        price => f.target_price,
        amount => f.target_cost,
        executed_at => f.effective_at,
        recorded_at => adjustment_entries.recorded_at,
        source => adjustment_entries.source,
        trace_id => coalesce(adjustment_entries.trace_id, f.trace_id)
    )
    FROM unnest(adjustment_entries.findings) f
    ORDER BY f.asset, f.account, f.mode, f.leg
)
$$;

ALTER FUNCTION pms.adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text) IS 'The absolute entry that settles each finding

An opening for a position that only the venue knows, else an adjustment; for pms.post_entries.
recorded_at is the value that locking the legs returned.';

--
-- Name: adopt_unexplained_positions(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.adopt_unexplained_positions() RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_keys pms.leg_key[];
    v_changed pms.changed_leg[];
BEGIN
    v_keys := ARRAY(
        SELECT (v.account, v.asset, v.mode, v.leg)::pms.leg_key
        FROM pms.venue_positions v
        CROSS JOIN pms.settings s
        WHERE v.unexplained_since IS NOT NULL
            AND v.unexplained_since <= clock_timestamp() - s.venue_adoption_delay
            -- A position that cannot be adopted waits for another report, or for a person.
            AND NOT EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (v.account, v.asset, v.mode, v.leg)
                    AND d.kind = 'adoption'
                    AND d.status IN ('open', 'dismissed')
            )
        ORDER BY v.account, v.asset, v.mode, v.leg
        LIMIT 100
        -- A session that holds one is about to apply it.
        FOR UPDATE OF v SKIP LOCKED
    );

    IF v_keys = '{}' THEN
        RETURN 0;
    END IF;

    v_changed := pms.reconcile_venue_reports(v_keys, pms.lock_legs(v_keys), v_keys);
    PERFORM pms.publish_position_events(v_changed, 'websocket');

    RETURN cardinality(v_changed);
END
$$;

ALTER FUNCTION pms.adopt_unexplained_positions() OWNER TO pms_owner;

--
-- Name: FUNCTION adopt_unexplained_positions(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.adopt_unexplained_positions() IS 'Adopt positions that only the venue knows, once no fill has explained them

After venue_adoption_delay with reports and without an entry. Returns the number adopted. Cheap when
there is none, so that it can run every second.';

--
-- Name: apply_amendments(pms.entries[], text[], timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]) RETURNS record
    LANGUAGE sql
    AS $$
WITH due AS (
    UPDATE pms.amendments a
    SET applied_at = apply_amendments.recorded_at
    WHERE a.applied_at IS NULL
        AND a.amends = ANY(apply_amendments.identities)
        AND (
            EXISTS (
                SELECT 1 FROM pms.entries e WHERE e.account = a.account AND e.identity = a.amends
            )
            OR (a.account, a.amends) IN (
                SELECT n.account, n.identity FROM unnest(apply_amendments.incoming) n
            )
        )
    RETURNING a.*
),

-- Amended entries with their result: a bust is final, else the newest correction counts.
family AS (
    SELECT
        d.account,
        d.amends,
        max(d.trace_id) AS trace_id,
        o.entry,
        s.bust,
        s.correction,
        CASE WHEN s.bust IS NULL THEN coalesce(s.correction, d.amends) END AS standing
    FROM due d
    CROSS JOIN LATERAL (
        SELECT e AS entry
        FROM pms.entries e
        WHERE e.account = d.account
            AND e.identity = d.amends
        UNION ALL
        SELECT n
        FROM unnest(apply_amendments.incoming) n
        WHERE n.account = d.account
            AND n.identity = d.amends
    ) o
    CROSS JOIN LATERAL (
        SELECT
            max(a.identity) FILTER (WHERE a.cause = 'bust') AS bust,
            (
                array_agg(a.identity ORDER BY a.amended_at DESC, a.identity DESC)
                FILTER (WHERE a.cause = 'correction')
            )[1] AS correction
        FROM pms.amendments a
        WHERE a.account = d.account
            AND a.amends = d.amends
    ) s
    GROUP BY d.account, d.amends, o.entry, s.bust, s.correction
),

-- The entries of a family: the first, and one for each of its corrections.
member AS (
    SELECT f.account, f.amends, f.amends AS identity, (f.entry).executed_at AS executed_at
    FROM family f
    UNION ALL
    SELECT f.account, f.amends, a.identity, coalesce(a.executed_at, (f.entry).executed_at)
    FROM family f
    INNER JOIN pms.amendments a
        ON f.account = a.account AND f.amends = a.amends AND a.cause = 'correction'
)

SELECT
    ARRAY(
        SELECT pms.new_entry(
            account => d.account,
            asset => (f.entry).asset,
            mode => (f.entry).mode,
            leg => (f.entry).leg,
            kind => (f.entry).kind,
            identity => d.identity,
            order_id => (f.entry).order_id,
            quantity => CASE
                WHEN d.side = 'buy' THEN q.quantity
                WHEN d.side = 'sell' THEN -q.quantity
                ELSE sign((f.entry).quantity) * q.quantity
            END,
            price => coalesce(d.price, (f.entry).price),
            fee => coalesce(d.fee, (f.entry).fee_native, (f.entry).fee),
            fee_currency => coalesce(d.fee_currency, (f.entry).fee_currency),
            amends => d.amends,
            executed_at => coalesce(d.executed_at, (f.entry).executed_at),
            recorded_at => apply_amendments.recorded_at,
            source => apply_amendments.source,
            trace_id => d.trace_id
        )
        FROM due d
        INNER JOIN family f ON d.account = f.account AND d.amends = f.amends
        -- As it was reported, where a fee was taken from it.
        CROSS JOIN LATERAL (
            SELECT coalesce(
                d.quantity,
                abs(
                    (f.entry).quantity
                    + CASE WHEN (f.entry).fee_rate = 0 THEN (f.entry).fee_native ELSE 0 END
                )
            ) AS quantity
        ) q
        WHERE d.cause = 'correction'
    ),
    ARRAY(
        SELECT (
            m.account, (f.entry).asset, (f.entry).mode, (f.entry).leg, m.executed_at, m.identity,
            CASE WHEN f.bust IS NULL THEN 'correction' ELSE 'bust' END,
            coalesce(f.bust, f.correction),
            apply_amendments.recorded_at, apply_amendments.source, f.trace_id
        )::pms.entry_void
        FROM member m
        INNER JOIN family f ON m.account = f.account AND m.amends = f.amends
        WHERE m.identity IS DISTINCT FROM f.standing
            AND NOT EXISTS (
                SELECT 1
                FROM pms.entries e
                INNER JOIN pms.voids v ON e.account = v.account AND e.id = v.entry_id
                WHERE e.account = m.account
                    AND e.identity = m.identity
            )
    )
$$;

ALTER FUNCTION pms.apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]) OWNER TO pms_owner;

--
-- Name: FUNCTION apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]) IS 'What busts and corrections do to the ledger

Of the recorded amendments not yet applied, those that name one of identities, when its entry is
recorded or incoming.
Every correction becomes an entry; all entries of its family are voided but the one that stands:
none once it is busted, else the newest correction (amended_at, identity). So it ends alike, in
whatever order they come.';

--
-- Name: apply_order_events(jsonb[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.apply_order_events(messages jsonb[], update_source text DEFAULT 'order_execution'::text) RETURNS SETOF pms.outcome
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_events pms.order_event[];
    v_deferred integer[];
    v_legs pms.leg_key[];
    v_amendments pms.amendment_event[] := ARRAY[]::pms.amendment_event[];
    v_entries pms.entries[];
    v_corrections pms.entries[];
    v_voids pms.entry_void[] := ARRAY[]::pms.entry_void[];
    v_has_bad_times boolean := FALSE;
    v_has_fee_currencies boolean;
    v_has_subsumed boolean;
    v_has_conflicts boolean;
    v_recorded_at timestamptz;
BEGIN
    LOOP
        BEGIN
            SELECT
                array_agg(e),
                array_agg(e.ordinal) FILTER (WHERE e.outcome = 'deferred'),
                array_agg((e.account, e.asset, e.mode, e.leg)::pms.leg_key)
                FILTER (WHERE e.outcome IS NULL)
            INTO v_events, v_deferred, v_legs
            FROM pms.parse_order_events(messages, v_has_bad_times) e;
            EXIT;
        EXCEPTION
            -- Guarding every single time would cost all batches what the bad ones cost here.
            WHEN data_exception THEN
                IF v_has_bad_times THEN
                    RAISE;
                END IF;
                v_has_bad_times := TRUE;
        END;
    END LOOP;

    IF v_deferred IS NULL THEN
        -- A bust must not miss a fill that is just being booked, nor the fill the bust.
        LOCK TABLE pms.amendments IN ROW SHARE MODE;
    ELSE
        LOCK TABLE pms.amendments IN EXCLUSIVE MODE;
        v_amendments := ARRAY(SELECT a FROM pms.parse_amendments(messages, v_deferred) a);
        -- One that waits for its fill locks no leg.
        PERFORM pms.require_account(a.account)
        FROM unnest(v_amendments) a
        WHERE a.outcome IS NULL;
        v_legs := v_legs || ARRAY(
            SELECT (e.account, e.asset, e.mode, e.leg)::pms.leg_key
            FROM unnest(v_amendments) a
            INNER JOIN pms.entries e ON a.account = e.account AND a.amends = e.identity
            WHERE a.outcome IS NULL
        );
    END IF;

    v_recorded_at := pms.lock_legs(v_legs);

    v_events := pms.classify_order_events(v_events);

    SELECT
        array_agg(
            pms.new_entry(
                account => e.account,
                asset => e.asset,
                mode => e.mode,
                leg => e.leg,
                kind => e.kind,
                identity => e.identity,
                order_id => e.order_id,
                quantity => CASE
                    WHEN (e.applied).quantity IS NULL THEN e.quantity
                    ELSE sign(e.quantity) * (e.applied).step_quantity
                END,
                price => coalesce((e.applied).step_price, e.price),
                fee => coalesce((e.applied).step_fee, e.fee, 0),
                fee_currency => e.fee_currency,
                amount => e.amount,
                executed_at => coalesce(e.executed_at, v_recorded_at),
                recorded_at => v_recorded_at,
                source => apply_order_events.update_source,
                trace_id => e.trace_id
            )
            -- By leg, so that numbering the entries of a leg finds them sorted.
            ORDER BY e.asset, e.account, e.mode, e.leg, e.ordinal
        ) FILTER (WHERE e.outcome IS NULL),
        bool_or(e.fee_currency IS NOT NULL),
        bool_or(NOT e.is_cumulative AND (e.applied).quantity IS NOT NULL),
        bool_or(e.reason = 'identity_conflict')
    INTO v_entries, v_has_fee_currencies, v_has_subsumed, v_has_conflicts
    FROM unnest(v_events) e;

    IF v_deferred IS NOT NULL THEN
        v_amendments := ARRAY(
            SELECT a
            FROM pms.record_amendments(
                v_amendments, v_entries, v_recorded_at, apply_order_events.update_source
            ) a
        );
    END IF;

    IF EXISTS (SELECT 1 FROM pms.amendments a WHERE a.applied_at IS NULL) THEN
        SELECT a.corrections, a.voids
        INTO v_corrections, v_voids
        FROM pms.apply_amendments(
            v_entries,
            ARRAY(
                SELECT n.identity FROM unnest(v_entries) n
                UNION ALL
                SELECT m.amends FROM unnest(v_amendments) m
            ),
            v_recorded_at,
            apply_order_events.update_source
        ) a;
        v_entries := v_entries || v_corrections;
    END IF;

    IF v_has_fee_currencies OR v_corrections <> '{}' THEN
        v_entries := pms.convert_fees(v_entries);
    END IF;

    IF cardinality(v_entries) > 0 OR cardinality(v_voids) > 0 THEN
        PERFORM pms.finish_entries(
            pms.post_entries(v_entries, v_voids), apply_order_events.update_source
        );
    END IF;

    IF v_has_subsumed THEN
        PERFORM pms.record_subsumed_executions(v_events, v_recorded_at);
    END IF;

    IF v_has_conflicts
        OR EXISTS (SELECT 1 FROM unnest(v_amendments) a WHERE a.reason = 'identity_conflict')
    THEN
        PERFORM pms.quarantine_conflicts(messages, v_events, v_amendments, v_recorded_at);
    END IF;

    RETURN QUERY
    SELECT e.ordinal, coalesce(e.outcome, 'applied'), e.reason, e.detail, e.trace_id
    FROM unnest(v_events) e
    WHERE e.outcome IS DISTINCT FROM 'deferred'
    UNION ALL
    SELECT a.ordinal, a.outcome, a.reason, a.detail, a.trace_id
    FROM unnest(v_amendments) a
    ORDER BY 1;
END
$$;

ALTER FUNCTION pms.apply_order_events(messages jsonb[], update_source text) OWNER TO pms_owner;

--
-- Name: FUNCTION apply_order_events(messages jsonb[], update_source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.apply_order_events(messages jsonb[], update_source text) IS 'Apply a batch of order events; one outcome per message, in order

messages: the four shapes of contract.md, section 2, funding, busts and corrections. One bad message
costs its neighbors nothing. Safe to repeat: what was applied before comes back as duplicate. The
entry point stands here, right of the ledger, because a change of the ledger is finished by
reconciliation.';

--
-- Name: apply_prices(jsonb[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.apply_prices(messages jsonb[], source text DEFAULT 'ticker'::text) RETURNS SETOF pms.outcome
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_prices pms.price_event[];
    v_keys pms.leg_key[];
BEGIN
    v_prices := pms.store_prices(
        ARRAY(SELECT e FROM pms.parse_prices(messages, apply_prices.source) e)
    );
    v_keys := pms.legs_to_mark(v_prices);

    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
        PERFORM pms.mark_legs(v_keys);
    END IF;

    RETURN QUERY
    SELECT e.ordinal, e.outcome, e.reason, e.detail, e.trace_id
    FROM unnest(v_prices) e
    ORDER BY e.ordinal;
END
$$;

ALTER FUNCTION pms.apply_prices(messages jsonb[], source text) OWNER TO pms_owner;

--
-- Name: FUNCTION apply_prices(messages jsonb[], source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.apply_prices(messages jsonb[], source text) IS 'Apply a batch of prices; one outcome per message, in order

Inside a batch only the newest price of an asset counts, the others are stale. An older price never
overwrites a newer one. Positions are valued with it at once; pms.mark_positions publishes them.';

--
-- Name: apply_venue_positions(jsonb[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.apply_venue_positions(messages jsonb[]) RETURNS SETOF pms.outcome
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    AS $$
DECLARE
    v_read pms.venue_report[];
    v_prices pms.price_event[];
    v_legs pms.leg_key[];
    v_marked pms.leg_key[];
    v_locked_at timestamptz;
    v_duplicate integer[];
    v_stored integer[];
BEGIN
    v_read := ARRAY(SELECT r FROM pms.parse_venue_positions(messages) r);

    -- Locked first, in the order of their keys: reports, prices, legs.
    PERFORM 1
    FROM pms.venue_positions v
    INNER JOIN unnest(v_read) r
        ON (v.account, v.asset, v.mode, v.leg) = (r.account, r.asset, r.mode, r.leg)
    WHERE r.outcome IS NULL
    ORDER BY v.account, v.asset, v.mode, v.leg
    FOR UPDATE OF v;

    v_prices := pms.store_prices(ARRAY(
        SELECT (
            r.ordinal, NULL, NULL, NULL, r.trace_id, r.asset, r.mark_price, r.reported_at, 'venue'
        )::pms.price_event
        FROM unnest(v_read) r
        WHERE r.outcome IS NULL
            AND r.mark_price IS NOT NULL
        ORDER BY r.ordinal
    ));
    v_legs := ARRAY(
        SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
        FROM unnest(v_read) r
        LEFT JOIN pms.positions p
            ON (r.account, r.asset, r.mode, r.leg) = (p.account, p.asset, p.mode, p.leg)
        WHERE r.outcome IS NULL
            -- A flat report about a position that was never held creates no leg.
            AND (r.size <> 0 OR p.account IS NOT NULL)
    );
    v_marked := pms.legs_to_mark(v_prices);
    v_locked_at := pms.lock_legs(v_legs || v_marked);
    PERFORM pms.mark_legs(v_marked);
    v_duplicate := ARRAY(
        SELECT r.ordinal
        FROM unnest(v_read) r
        INNER JOIN pms.venue_positions v
            ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
        WHERE r.outcome IS NULL
            AND (r.seq, r.reported_at, r.size, r.average_price, r.mark_price, r.unrealized_pnl)
            IS NOT DISTINCT FROM
            (v.seq, v.reported_at, v.size, v.average_price, v.mark_price, v.unrealized_pnl)
    );

    v_stored := pms.store_venue_reports(v_read);
    PERFORM pms.publish_position_events(
        pms.reconcile_venue_reports(
            ARRAY(
                SELECT (r.account, r.asset, r.mode, r.leg)::pms.leg_key
                FROM unnest(v_read) r
                WHERE r.ordinal = ANY(v_stored)
            ),
            v_locked_at,
            v_legs
        ),
        'websocket'
    );

    RETURN QUERY
    SELECT
        r.ordinal,
        CASE
            WHEN r.outcome IS NOT NULL THEN r.outcome
            WHEN r.ordinal = ANY(v_stored) THEN 'applied'
            WHEN r.ordinal = ANY(v_duplicate) THEN 'duplicate'
            ELSE 'stale'
        END,
        CASE
            WHEN r.outcome IS NOT NULL THEN r.reason
            WHEN r.ordinal <> ALL(v_stored || v_duplicate) THEN 'superseded'
        END,
        r.detail,
        r.trace_id
    FROM unnest(v_read) r
    ORDER BY r.ordinal;
END
$$;

ALTER FUNCTION pms.apply_venue_positions(messages jsonb[]) OWNER TO pms_owner;

--
-- Name: FUNCTION apply_venue_positions(messages jsonb[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.apply_venue_positions(messages jsonb[]) IS 'Apply a batch of venue position reports; one outcome per message, in order

Stores the newest report of each leg. Its mark becomes a price, its average replaces ours where they
differ, and a position that only the venue knows is adopted: see pms.reconcile_venue_reports.

Outcomes: applied, duplicate, stale (a newer report is stored, or in the same batch) or rejected.
Reports are ordered by seq, else by time.';

--
-- Name: argument_range(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.argument_range(kind text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN CASE kind WHEN 'account'::text THEN '1 to 64 letters, digits or . _ -, the first a letter or a digit'::text WHEN 'asset'::text THEN '1 to 32 letters, digits or . _ -, the first a letter or a digit'::text WHEN 'mode'::text THEN 'one-way or hedge'::text WHEN 'decimal'::text THEN 'a decimal, |x| < 10^20, at most 18 fractional digits'::text WHEN 'limit'::text THEN 'a whole number from 1 to 1000'::text WHEN 'offset'::text THEN 'a whole number from 0 to 999999999'::text WHEN 'entry'::text THEN 'the id of an entry of this position'::text WHEN 'time'::text THEN 'an RFC 3339 time such as 2025-01-31T12:00:00Z'::text WHEN 'flag'::text THEN 'true or false'::text WHEN 'uuid'::text THEN 'a UUID, as the list of discrepancies shows it'::text WHEN 'status'::text THEN 'open, fixed, accepted, dismissed, resolved or all'::text WHEN 'note'::text THEN 'at most 500 letters, digits, blanks or . , ; : ( ) / _ + = @ # % & ? '' " -'::text ELSE NULL::text END;

ALTER FUNCTION pms.argument_range(kind text) OWNER TO pms_owner;

--
-- Name: FUNCTION argument_range(kind text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.argument_range(kind text) IS 'The range of an argument of a kind, to follow "must be"; see pms.parse_argument.';

--
-- Name: as_of_json(timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.as_of_json(as_of timestamp with time zone, known_at timestamp with time zone) RETURNS jsonb
    LANGUAGE sql
    AS $$
SELECT CASE
    WHEN as_of_json.as_of IS NULL AND as_of_json.known_at IS NULL THEN '{}'
    ELSE jsonb_build_object(
        'as_of', pms.time_text(coalesce(as_of_json.as_of, clock_timestamp())),
        'known_at', pms.time_text(coalesce(as_of_json.known_at, clock_timestamp()))
    )
END
$$;

ALTER FUNCTION pms.as_of_json(as_of timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION as_of_json(as_of timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.as_of_json(as_of timestamp with time zone, known_at timestamp with time zone) IS 'What an answer says of the moment it is about

Nothing when neither was asked for; else both, so that the same can be asked for again.';

--
-- Name: audit_command(text, jsonb, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.audit_command(command text, arguments jsonb, account text DEFAULT NULL::text, asset text DEFAULT NULL::text, outcome text DEFAULT 'done'::text) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO pms.audit (
        key_id, role, command, arguments, account, asset, outcome, trace_id
    )
    VALUES (
        nullif(current_setting('pms.key_id', TRUE), ''),
        coalesce(nullif(current_setting('role', TRUE), 'none'), session_user),
        audit_command.command,
        CASE
            WHEN octet_length(audit_command.arguments::text) <= 65536
                THEN jsonb_strip_nulls(audit_command.arguments)
            ELSE jsonb_build_object(
                'bytes', octet_length(audit_command.arguments::text),
                'sha256', encode(sha256(convert_to(audit_command.arguments::text, 'UTF8')), 'hex')
            )
        END,
        -- A malformed name is among the arguments.
        CASE
            WHEN pms.check_account(audit_command.account) IS NULL THEN audit_command.account
        END,
        CASE
            WHEN pms.check_asset(audit_command.asset) IS NULL THEN audit_command.asset
        END,
        audit_command.outcome,
        pms.trace_id()
    );
END
$$;

ALTER FUNCTION pms.audit_command(command text, arguments jsonb, account text, asset text, outcome text) OWNER TO pms_owner;

--
-- Name: FUNCTION audit_command(command text, arguments jsonb, account text, asset text, outcome text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.audit_command(command text, arguments jsonb, account text, asset text, outcome text) IS 'Record who has given which command

Without secrets. Of arguments of more than 64 kB only their size and sha256.';

--
-- Name: backlog(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.backlog() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
SELECT jsonb_build_object(
    -- A time in the future, by the clock of another machine, is now.
    'worker_lag_ms', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), o.moment) - o.moment) * 1000)
        FROM (
            SELECT min(r.reported_at) AS moment
            FROM pms.worker_reports r
            WHERE r.part IN ('ingest', 'relay')
        ) o
    ),
    'newest_fill_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), n.moment) - n.moment))
        FROM (SELECT max(p.last_executed_at) AS moment FROM pms.positions p) n
    ),
    'newest_price_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), n.moment) - n.moment))
        FROM (SELECT max(m.priced_at) AS moment FROM pms.prices m) n
    ),
    'outbox_depth', pms.outbox_depth(),
    'outbox_age_seconds', (
        SELECT floor(extract(EPOCH FROM greatest(clock_timestamp(), f.created_at) - f.created_at))
        FROM (SELECT o.created_at FROM pms.outbox o ORDER BY o.sequence LIMIT 1) f
    ),
    -- Counted no further: a flood of rejects must not make health slow.
    'dead_letters', (
        SELECT count(*)
        FROM (SELECT 1 FROM pms.rejected_messages LIMIT 10000) r
    )
)
$$;

ALTER FUNCTION pms.backlog() OWNER TO pms_owner;

--
-- Name: FUNCTION backlog(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.backlog() IS 'How far behind the service is, for health and metrics

worker_lag_ms: since the part of the worker that reported least recently did. The ages are of the
newest fill and the newest mark price by their own time, and of the oldest event that waits for the
broker; null when there is none. dead_letters
stops at 10000. Reads no table that grows with the history.';

--
-- Name: batch_error(text, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.batch_error(name text, list jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_size integer := CASE jsonb_typeof(list) WHEN 'array' THEN jsonb_array_length(list) END;
BEGIN
    IF v_size BETWEEN 1 AND 1000 THEN
        RETURN NULL;
    END IF;

    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', format('%s must be an array', name),
        jsonb_build_object('field', name, 'expected', format('an array of 1 to 1000 %s', name))
    );
END
$$;

ALTER FUNCTION pms.batch_error(name text, list jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION batch_error(name text, list jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.batch_error(name text, list jsonb) IS 'The refusal of a list that is not an array of 1 to 1000 elements; null if it is one.';

--
-- Name: begin_command(text, jsonb, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.begin_command(name text, arguments jsonb, account text DEFAULT NULL::text) RETURNS pms.command
    LANGUAGE plpgsql
    AS $_$
DECLARE
    -- Null in plain SQL, which has no headers.
    v_headers jsonb := nullif(current_setting('request.headers', TRUE), '')::jsonb;
    v_request_key text := v_headers ->> 'idempotency-key';
    v_key_id text := current_setting('pms.key_id', TRUE);
    v_digest bytea := sha256(convert_to(arguments::text, 'UTF8'));
    command pms.command;
    kept pms.idempotency_keys;
BEGIN
    command.name := begin_command.name;
    command.arguments := jsonb_strip_nulls(begin_command.arguments);
    command.account := begin_command.account;
    command.actor := coalesce(nullif(v_key_id, ''), session_user);
    command.trace_id := v_headers ->> 'x-trace-id';

    IF v_request_key IS NULL THEN
        RETURN command;
    END IF;

    IF v_request_key !~ '^[!-~]{1,255}$' THEN
        command.answer := pms.error_response(
            400, 'VALIDATION_ERROR',
            'Idempotency-Key: must be 1 to 255 visible characters of ASCII',
            '{"Idempotency-Key": "must be 1 to 255 visible characters of ASCII"}'
        );
        RETURN command;
    END IF;

    -- It would be stored, for every reader of the table to see.
    IF v_request_key ~* 'pms_[a-z0-9-]{1,32}_' THEN
        command.answer := pms.error_response(
            400, 'VALIDATION_ERROR', 'Idempotency-Key: must not be an API key',
            '{"Idempotency-Key": "must not be an API key"}'
        );
        RETURN command;
    END IF;

    -- An expired answer waits only for pms.purge_idempotency_keys.
    DELETE FROM pms.idempotency_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key
        AND k.created_at < now() - interval '24 hours';

    -- Waits for a transaction that holds the same key: it commits an answer, or leaves the key to us.
    INSERT INTO pms.idempotency_keys (key_id, request_key, command, digest)
    VALUES (v_key_id, v_request_key, begin_command.name, v_digest)
    ON CONFLICT ON CONSTRAINT idempotency_keys_pkey DO NOTHING;
    IF FOUND THEN
        command.request_key := v_request_key;
        RETURN command;
    END IF;

    SELECT k.*
    INTO STRICT kept
    FROM pms.idempotency_keys k
    WHERE k.key_id = v_key_id
        AND k.request_key = v_request_key;

    IF (kept.command, kept.digest) IS DISTINCT FROM (begin_command.name, v_digest) THEN
        command.answer := pms.error_response(
            409, 'CONFLICT', 'this Idempotency-Key came with another request',
            '{"Idempotency-Key": "use a new one for a new request"}'
        );
    ELSE
        PERFORM set_config('response.status', kept.status::text, TRUE);
        -- A refusal as pms.error_response makes it known to the gateway.
        PERFORM set_config(
            'response.headers',
            (
                '[{"Idempotent-Replayed": "true"}]'
                || CASE
                    WHEN kept.status >= 400
                        THEN jsonb_build_array(
                                jsonb_build_object('X-Refusal', kept.answer::text)
                            )
                    ELSE '[]'
                END
            )::text,
            TRUE
        );
        command.answer := kept.answer;
    END IF;

    RETURN command;
END
$_$;

ALTER FUNCTION pms.begin_command(name text, arguments jsonb, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION begin_command(name text, arguments jsonb, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.begin_command(name text, arguments jsonb, account text) IS 'Begin a command, unless an earlier request has its answer

arguments: all that identifies the request, without secrets; account: the one concerned,
if it is one. The command is run only while its answer is null; pms.end_command ends it in any
case. A request with the Idempotency-Key of an earlier one, by the same API key and within 24 hours,
gets its answer, status and body; with other arguments it is refused with 409, a malformed header
with 400.';

--
-- Name: begin_job(text, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_every interval := (SELECT j.every FROM pms.jobs j WHERE j.job = begin_job.job);
    v_due_at timestamptz;
BEGIN
    IF v_every IS NULL THEN
        RAISE invalid_parameter_value USING
            MESSAGE = format('there is no job %s', coalesce(job, 'without a name')),
            HINT = (
                SELECT 'There are: ' || string_agg(j.job, ', ' ORDER BY j.job) FROM pms.jobs j
            );
    END IF;

    -- Of the session, because it has to outlast the commit of each step.
    IF NOT pg_try_advisory_lock(pms.job_lock(job)) THEN
        said := 'another session runs it';
        RETURN;
    END IF;

    -- Behind the lock: of two at once the second sees the run of the first. A scheduler comes once
    -- a minute and not to the second: half of one counts as due.
    v_due_at := (
        SELECT max(r.started_at) + v_every - interval '30 seconds'
        FROM pms.job_runs r
        WHERE r.job = begin_job.job
            AND r.status = 'succeeded'
    );

    IF only_when_due AND clock_timestamp() < v_due_at THEN
        PERFORM pg_advisory_unlock(pms.job_lock(job));
        said := 'not due before ' || pms.time_text(v_due_at);
        RETURN;
    END IF;

    -- The lock is free: its session has ended.
    UPDATE pms.job_runs r
    SET status = 'interrupted'
    WHERE r.job = begin_job.job
        AND r.status = 'running';

    INSERT INTO pms.job_runs (job, started_by)
    VALUES (begin_job.job, CASE WHEN only_when_due THEN 'schedule' ELSE 'hand' END)
    RETURNING id INTO run;
END
$$;

ALTER FUNCTION pms.begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text) OWNER TO pms_owner;

--
-- Name: FUNCTION begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text) IS 'Start a run of a job unless one is running or it is not due

run: its id, to commit and then to continue; null when there is nothing to do, and said says why.
With a run the session holds pms.job_lock(job); it is to be given back after the last commit. Raises
22023 for a job that there is not.';

--
-- Name: begin_run(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.begin_run() RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_share numeric;
BEGIN
    -- Few or none. A correction shows in the next run.
    PERFORM pms.record_ledger_findings(ARRAY(
        SELECT (n.account, n.asset, n.mode)::pms.position_key
        FROM (
            SELECT f.* FROM pms.ledger_findings f WHERE f.asset <> '' ORDER BY f.verified_at LIMIT 100
        ) n
    ));
    PERFORM pms.record_total_findings(ARRAY(
        SELECT f.account FROM pms.ledger_findings f WHERE f.asset = '' ORDER BY f.verified_at LIMIT 100
    ));

    UPDATE pms.verification_progress v
    SET pass_started_at = coalesce(v.pass_started_at, clock_timestamp())
    FROM pms.settings s
    -- The next run comes an interval later.
    RETURNING extract(EPOCH FROM clock_timestamp() + s.verification_interval - v.pass_started_at)
        / extract(EPOCH FROM s.verification_period)
    INTO v_share;

    RETURN jsonb_build_object(
        'started_at', clock_timestamp(),
        'steps', 0,
        'legs', 0,
        'has_changes', TRUE,
        'is_passing', TRUE,
        'target', CASE
            WHEN v_share >= 1 THEN 'Infinity'
            ELSE (SELECT ceil(sum(greatest(p.entries, 1)) * v_share) FROM pms.positions p)
        END
    );
END
$$;

ALTER FUNCTION pms.begin_run() OWNER TO pms_owner;

--
-- Name: FUNCTION begin_run(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.begin_run() IS 'Begin a run of the verification: its progress before the first step';

--
-- Name: begin_verification(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.begin_verification() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO pms.verifications DEFAULT VALUES RETURNING id INTO v_id;

    DELETE FROM pms.verifications v WHERE v.id <= v_id - 1000;

    RETURN v_id;
END
$$;

ALTER FUNCTION pms.begin_verification() OWNER TO pms_owner;

--
-- Name: FUNCTION begin_verification(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.begin_verification() IS 'Begin a verification of the ledger; return its id

The last 1000 are kept. The caller must hold pms.job_lock(''verify_ledger'').';

--
-- Name: decimal_json(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.decimal_json(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE((('"'::text || (trim_scale(amount))::text) || '"'::text), 'null'::text);

ALTER FUNCTION pms.decimal_json(amount numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION decimal_json(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.decimal_json(amount numeric) IS 'The text of pms.decimal_text as a JSON string, or null';

--
-- Name: by_asset_member(text, numeric, numeric, numeric, numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric) RETURNS text
    LANGUAGE sql STABLE
    RETURN concat('"', asset, '":{"exposure_usdt":', pms.decimal_json(exposure_usdt), ',"unrealized_pnl_usdt":', pms.decimal_json(unrealized_pnl_usdt), ',"realized_pnl_usdt":', pms.decimal_json(realized_pnl_usdt), ',"size":', pms.decimal_json(size), '}');

ALTER FUNCTION pms.by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric) IS 'The total of an asset as a member of by_asset, as the contract writes it';

--
-- Name: cache_hit_rate(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.cache_hit_rate() RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
SELECT
    CASE
        WHEN sum(s.heap_blks_hit + s.heap_blks_read) > 0
            THEN trim_scale(pms.div_round(
                sum(s.heap_blks_hit), sum(s.heap_blks_hit + s.heap_blks_read), 12
            ))
        ELSE 0
    END
FROM pg_catalog.pg_statio_user_tables s
WHERE s.relid IN ('pms.positions'::regclass, 'pms.prices'::regclass)
$$;

ALTER FUNCTION pms.cache_hit_rate() OWNER TO pms_owner;

--
-- Name: FUNCTION cache_hit_rate(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.cache_hit_rate() IS 'Share of page reads of positions and prices from memory

A ratio; 0 when nothing was read since the statistics were reset.';

--
-- Name: capture_portfolio(timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.capture_portfolio(at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_minute timestamptz := date_trunc('minute', capture_portfolio.at, 'UTC');
    v_reading pms.portfolio_reading;
    v_written bigint;
BEGIN
    -- One at a time, and never before the last minute: the clock may have been set back.
    UPDATE pms.portfolio_history_extent e
    SET recorded_at = v_minute
    WHERE e.recorded_at <= v_minute;

    IF NOT FOUND THEN
        RETURN 0;
    END IF;

    v_reading := pms.read_portfolio('history', capture_portfolio.at);

    IF v_reading.totals IS NULL THEN
        RETURN 0;
    END IF;

    PERFORM pms.store_reading('{history}', v_reading);

    WITH given AS (
        SELECT DISTINCT ON (c.account) c.account, c.amount
        FROM pms.capital c
        WHERE c.effective_at <= capture_portfolio.at
        ORDER BY c.account, c.effective_at DESC
    ),

    total AS (
        SELECT
            coalesce(t.account, '*') AS account,
            coalesce(
                (
                    SELECT sum(g.amount)
                    FROM given g
                    WHERE t.is_all_accounts OR g.account = t.account
                ),
                0
            ) AS capital,
            t.net_pnl_usdt AS net_pnl,
            t.net_pnl_usdt - t.unrealized_pnl_usdt + t.fees_paid_usdt - t.funding_usdt AS realized,
            t.unrealized_pnl_usdt AS unrealized_pnl,
            t.fees_paid_usdt AS fees_paid,
            t.funding_usdt AS funding,
            t.exposure_usdt AS exposure,
            t.net_exposure_usdt AS net_exposure,
            t.open_positions_count,
            t.long_positions_count,
            t.short_positions_count,
            t.complete
        FROM unnest(v_reading.totals) t
        WHERE t.is_all_assets
    ),

    written AS (
        INSERT INTO pms.portfolio_history AS h (
            account, recorded_at, capital, net_pnl, realized, unrealized_pnl, fees_paid, funding,
            exposure, net_exposure, open_positions_count, long_positions_count,
            short_positions_count, complete, peak_net_pnl
        )
        SELECT
            t.account, v_minute, t.capital, t.net_pnl, t.realized, t.unrealized_pnl, t.fees_paid,
            t.funding, t.exposure, t.net_exposure, t.open_positions_count, t.long_positions_count,
            t.short_positions_count, t.complete, greatest(m.peak_net_pnl, t.net_pnl, 0)
        FROM total t
        LEFT JOIN pms.equity_marks m ON t.account = m.account
        LEFT JOIN LATERAL (
            SELECT k.*
            FROM pms.portfolio_history k
            WHERE k.account = t.account
                -- Spares the partitions before it.
                AND k.recorded_at >= m.recorded_at
            ORDER BY k.recorded_at DESC
            LIMIT 1
        ) n ON TRUE
        WHERE (
                n.capital, n.net_pnl, n.realized, n.unrealized_pnl, n.fees_paid, n.funding,
                n.exposure, n.net_exposure, n.open_positions_count, n.long_positions_count,
                n.short_positions_count, n.complete
            ) IS DISTINCT FROM (
                t.capital, t.net_pnl, t.realized, t.unrealized_pnl, t.fees_paid, t.funding,
                t.exposure, t.net_exposure, t.open_positions_count, t.long_positions_count,
                t.short_positions_count, t.complete
            )
        ON CONFLICT ON CONSTRAINT portfolio_history_pkey DO UPDATE
        SET capital = excluded.capital,
            net_pnl = excluded.net_pnl,
            realized = excluded.realized,
            unrealized_pnl = excluded.unrealized_pnl,
            fees_paid = excluded.fees_paid,
            funding = excluded.funding,
            exposure = excluded.exposure,
            net_exposure = excluded.net_exposure,
            open_positions_count = excluded.open_positions_count,
            long_positions_count = excluded.long_positions_count,
            short_positions_count = excluded.short_positions_count,
            complete = excluded.complete,
            peak_net_pnl = excluded.peak_net_pnl
        RETURNING h.account, h.recorded_at, h.net_pnl, h.peak_net_pnl
    ),

    marked AS (
        INSERT INTO pms.equity_marks AS m (
            account, began_at, recorded_at, net_pnl, peak_net_pnl, peak_at, day_net_pnl
        )
        SELECT
            w.account, w.recorded_at, w.recorded_at, w.net_pnl, w.peak_net_pnl, w.recorded_at, 0
        FROM written w
        ORDER BY w.account
        ON CONFLICT ON CONSTRAINT equity_marks_pkey DO UPDATE
        SET recorded_at = excluded.recorded_at,
            net_pnl = excluded.net_pnl,
            peak_net_pnl = excluded.peak_net_pnl,
            peak_at = CASE
                WHEN excluded.peak_net_pnl > m.peak_net_pnl THEN excluded.recorded_at
                ELSE m.peak_at
            END,
            day_net_pnl = CASE
                WHEN m.recorded_at < date_trunc('day', excluded.recorded_at, 'UTC') THEN m.net_pnl
                ELSE m.day_net_pnl
            END
    )

    SELECT count(*) INTO v_written FROM written w;

    RETURN v_written;
END
$$;

ALTER FUNCTION pms.capture_portfolio(at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION capture_portfolio(at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.capture_portfolio(at timestamp with time zone) IS 'Record the totals of a minute: of each account, and of all, where they have changed

at: any moment of the minute. Returns the number of rows written: one for each account whose totals
differ from its newest row. A second call in a minute replaces the rows of the minute. Updates
pms.equity_marks with the history. Does nothing for a minute before the last one recorded.';

--
-- Name: carry_portfolio_history(timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.carry_portfolio_history(until timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.portfolio_history (
    account, recorded_at, capital, net_pnl, realized, unrealized_pnl, fees_paid, funding, exposure,
    net_exposure, open_positions_count, long_positions_count, short_positions_count, complete,
    peak_net_pnl
)
SELECT
    h.account, carry_portfolio_history.until, h.capital, h.net_pnl, h.realized, h.unrealized_pnl,
    h.fees_paid, h.funding, h.exposure, h.net_exposure, h.open_positions_count,
    h.long_positions_count, h.short_positions_count, h.complete, h.peak_net_pnl
FROM pms.equity_marks m
CROSS JOIN LATERAL (
    SELECT k.*
    FROM pms.portfolio_history k
    WHERE k.account = m.account
        AND k.recorded_at < carry_portfolio_history.until
    ORDER BY k.recorded_at DESC
    LIMIT 1
) h
ON CONFLICT ON CONSTRAINT portfolio_history_pkey DO NOTHING
$$;

ALTER FUNCTION pms.carry_portfolio_history(until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION carry_portfolio_history(until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.carry_portfolio_history(until timestamp with time zone) IS 'Copy the newest totals of each account before a moment to a row at that moment

until: the end of the partition that is dropped. An account with a row at that moment keeps it.';

--
-- Name: check_account(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_account(account text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((account !~ '^[A-Za-z0-9][A-Za-z0-9._-]*$'::text) OR (length(account) > 64)) THEN 'not a name of an account'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_account(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_account(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_account(account text) IS 'Why a name of an account is invalid, or null

1 to 64 letters, digits or . _ -, the first a letter or a digit.';

--
-- Name: check_asset(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_asset(asset text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((asset IS NULL) OR (asset !~ '^[A-Z0-9][A-Z0-9._-]*$'::text) OR (length(asset) > 32)) THEN 'missing or malformed'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_asset(asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_asset(asset text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_asset(asset text) IS 'Why an asset is invalid, or null

In upper case; 1 to 32 letters, digits or . _ -, the first a letter or a digit.';

--
-- Name: check_correction_message(pms.amendment_message, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT coalesce(
    pms.objection('not_amendable', 'identity', CASE
        WHEN message.amends LIKE 'funding:%'
            THEN 'funding cannot be corrected; bust it and send it again'
        WHEN message.amends !~ '^(execution|order|event|fill):' THEN 'not that of a fill'
    END),
    pms.objection(
        'invalid_correction_id', 'correction_id',
        pms.check_id(coalesce(message.correction_id, ''))
    ),
    pms.objection('invalid_time', 'timestamp', CASE
        WHEN message.amended_at IS NULL
            THEN 'missing; the newest of several corrections counts'
    END),
    pms.objection('nothing_corrected', 'execution_quantity', CASE
        WHEN coalesce(
            message.side, message.quantity, message.price, message.fee,
            message.executed_at
        ) IS NULL
            THEN 'missing, and so is everything else that could be corrected'
    END),
    pms.objection('invalid_side', 'side', pms.check_side(message.side)),
    pms.objection('invalid_quantity', 'execution_quantity', CASE
        WHEN message.quantity IS NOT NULL THEN pms.check_positive(message.quantity_read)
    END),
    pms.objection('invalid_price', 'execution_price', CASE
        WHEN message.price IS NOT NULL
            THEN pms.check_price(message.price_read, allows_nonpositive_price)
    END),
    pms.objection('invalid_fee', 'execution_fees', CASE
        WHEN message.fee IS NOT NULL THEN pms.check_decimal(message.fee_read)
    END),
    pms.objection('invalid_fee_currency', 'fee_currency', CASE
        WHEN pms.check_currency(message.fee_currency) IS NOT NULL
            OR message.fee_currency IS NOT NULL AND message.fee IS NULL
            THEN 'must be 2 to 16 letters and digits, beside execution_fees'
    END)
)
$$;

ALTER FUNCTION pms.check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean) IS 'The first objection to the content of a correction, as pms.objection writes it, or null.';

--
-- Name: check_currency(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_currency(currency text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (currency !~ '^[A-Z0-9]{2,16}$'::text) THEN 'must be 2 to 16 letters and digits'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_currency(currency text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_currency(currency text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_currency(currency text) IS 'Why a currency, in upper case, is invalid, or null.';

--
-- Name: check_decimal(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_decimal(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (amount IS NULL) THEN 'must be a decimal, |x| < 10^20, at most 18 fractional digits'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_decimal(amount numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION check_decimal(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_decimal(amount numeric) IS 'Why the result of pms.parse_decimal is invalid, or null: null is not a decimal.';

--
-- Name: check_id(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_id(id text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((length(id) < 1) OR (length(id) > 128)) THEN 'must have 1 to 128 characters'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_id(id text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_id(id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_id(id text) IS 'Why an id chosen by a client is invalid, or null.';

--
-- Name: check_limits(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_limits(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE sql
    AS $$
-- One step: limits are judged together. The next statement reads what this one recorded.
SELECT
    pms.store_reading('{limits}', r),
    pms.record_breaches(r.limits)
FROM pms.read_portfolio('limits', clock_timestamp()) r
WHERE r.limits IS NOT NULL;

SELECT
    NULL::jsonb,
    format(
        '%s limits watched, %s breached',
        (SELECT count(*) FROM pms.limits l),
        (SELECT count(*) FROM pms.limit_breaches b WHERE b.ended_at IS NULL)
    )
$$;

ALTER FUNCTION pms.check_limits(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION check_limits(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_limits(progress jsonb) IS 'A job: look whether the limits hold

A step of it, see pms.job_step. While positions change, pms.publish_portfolio does the same; this is
for changes without one: a day ends, a limit is set or removed. Safe to repeat.';

--
-- Name: check_mode(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_mode(mode text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (mode <> ALL (ARRAY['one-way'::text, 'hedge'::text])) THEN 'must be one-way or hedge'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_mode(mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_mode(mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_mode(mode text) IS 'Why a mode, in lower case, is invalid, or null.';

--
-- Name: check_nonnegative(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_nonnegative(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((amount IS NULL) OR (amount < (0)::numeric)) THEN 'must be a decimal >= 0, < 10^20, at most 18 fractional digits'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_nonnegative(amount numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION check_nonnegative(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_nonnegative(amount numeric) IS 'As pms.check_decimal, for an amount that must not be negative.';

--
-- Name: check_not_future(timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_not_future(moment timestamp with time zone, latest timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (moment > latest) THEN 'lies in the future'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_not_future(moment timestamp with time zone, latest timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION check_not_future(moment timestamp with time zone, latest timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_not_future(moment timestamp with time zone, latest timestamp with time zone) IS 'The objection to a time after the latest that clocks explain, or null.';

--
-- Name: check_order_message(pms.order_message, boolean, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT coalesce(
    pms.objection('unknown_event', 'event_type', CASE
        WHEN NOT message.is_status AND NOT message.is_funding
            AND message.status NOT IN ('order_executed', 'position_updated_from_order')
            THEN 'not an order event we know'
    END),
    pms.objection('invalid_account', 'account', pms.check_account(message.account)),
    pms.objection('invalid_asset', 'asset', pms.check_asset(message.asset)),
    pms.objection('invalid_mode', 'mode', pms.check_mode(message.mode_read)),
    pms.objection('leg_missing', 'position_side', CASE
        WHEN message.mode_read = 'hedge'
            AND coalesce(message.side_read, '') NOT IN ('long', 'short')
            THEN 'a fill in hedge mode must name its leg, long or short'
    END),
    pms.objection('invalid_position_side', 'position_side', CASE
        WHEN message.mode_read = 'one-way' AND message.side_read IN ('long', 'short')
            OR (message.mode, message.side_read) IN (('1', 'short'), ('2', 'long'))
            THEN 'not a leg of this mode, which is ' || message.mode
    END),
    CASE WHEN message.is_funding THEN coalesce(
        pms.objection('funding_id_missing', 'funding_id', CASE
            WHEN message.funding_id IS NULL THEN 'missing'
        END),
        pms.objection('invalid_funding_id', 'funding_id', pms.check_id(message.funding_id)),
        pms.objection('invalid_amount', 'amount', pms.check_decimal(message.amount_read)),
        pms.objection('invalid_time', 'executed_at', CASE
            WHEN message.executed_at IS NULL THEN 'missing'
        END)
    ) ELSE coalesce(
        pms.objection('invalid_side', 'side', pms.check_side(coalesce(message.side, ''))),
        pms.objection('order_id_missing', 'order_id', CASE
            WHEN message.order_id IS NULL
                AND (message.is_status OR message.execution_id IS NULL)
                THEN 'missing'
        END)
    ) END,
    pms.objection('invalid_order_id', 'order_id', pms.check_id(message.order_id)),
    pms.objection('invalid_execution_id', 'execution_id', pms.check_id(message.execution_id)),
    pms.objection('invalid_event_id', 'event_id', CASE
        WHEN length(message.event_id) > 128 THEN 'at most 128 characters'
    END),
    CASE WHEN NOT message.is_funding THEN coalesce(
        pms.objection('invalid_quantity', CASE
            WHEN message.is_status THEN 'order.filled_quantity'
            WHEN message.status = 'order_executed' THEN 'execution_quantity'
            ELSE 'filled_quantity'
        END, pms.check_positive(message.quantity_read)),
        pms.objection('invalid_price', CASE
            WHEN message.is_status THEN 'order.average_price' ELSE 'execution_price'
        END, pms.check_price(message.price_read, allows_nonpositive_price))
    ) END,
    pms.objection('invalid_fee', CASE
        WHEN message.is_status THEN 'order.fees' ELSE 'execution_fees'
    END, CASE WHEN message.fee IS NOT NULL THEN pms.check_decimal(message.fee_read) END),
    pms.objection(
        'invalid_fee_currency', 'fee_currency', pms.check_currency(message.fee_currency)
    ),
    pms.objection('invalid_time', CASE
        WHEN message.is_status THEN 'timestamp' ELSE 'executed_at'
    END, pms.check_time(message.executed_at, message.executed_at_read)),
    pms.objection(
        'time_in_future', 'executed_at',
        pms.check_not_future(message.executed_at_read, latest)
    )
)
$$;

ALTER FUNCTION pms.check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone) IS 'The first objection to an order event, as pms.objection writes it, or null

latest: the newest time that is not in the future.';

--
-- Name: check_price(numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_price(price numeric, allows_nonpositive boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((price IS NULL) OR ((price <= (0)::numeric) AND (NOT allows_nonpositive))) THEN 'must be a decimal > 0, < 10^20, at most 18 fractional digits'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_price(price numeric, allows_nonpositive boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION check_price(price numeric, allows_nonpositive boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_price(price numeric, allows_nonpositive boolean) IS 'As pms.check_decimal, for a price

It is positive, except for the few assets that may trade at zero or less. allows_nonpositive is
evaluated only for a price that needs it: it may be a query.';

--
-- Name: check_positive(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_positive(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pms.check_price(amount, false);

ALTER FUNCTION pms.check_positive(amount numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION check_positive(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_positive(amount numeric) IS 'As pms.check_decimal, for an amount that must be positive.';

--
-- Name: check_request(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_request() RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_headers jsonb := current_setting('request.headers')::jsonb;
    v_method text := current_setting('request.method');
    v_path text := current_setting('request.path');
    found record;
BEGIN
    -- No function after this one can see the key.
    PERFORM set_config('request.headers', (v_headers - 'x-api-key')::text, TRUE);

    IF v_method IN ('GET', 'HEAD')
        AND v_path IN ('/rpc/get_health', '/rpc/get_metrics', '/rpc/get_metrics_text')
    THEN
        -- Open to everybody. Health has to answer within a second.
        PERFORM set_config('statement_timeout', '700ms', TRUE);
        RETURN;
    END IF;

    SELECT k.*
    INTO STRICT found
    FROM pms.find_key(sha256(convert_to(v_headers ->> 'x-api-key', 'UTF8'))) k;

    IF found.role_name IS NULL THEN
        PERFORM pms.raise_denied(401, 'UNAUTHORIZED', 'missing or wrong key');
    END IF;

    -- PostgREST itself would answer 401 to a known key without the right. The account is compared
    -- before the function runs: one outside the scope is refused as fast as one that does not exist.
    IF NOT pms.role_may_request(found.role_name, v_method, v_path)
        OR found.account_scope IS NOT NULL
        AND v_headers ->> 'x-account' <> ALL (found.account_scope || ARRAY['?'])
    THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key may not do that');
    END IF;

    -- For the audit and for decisions: the part of the key that is no secret.
    PERFORM set_config('pms.key_id', found.id, TRUE);
    -- See pms.in_scope; always set: none is all of them.
    PERFORM set_config(
        'pms.account_scope', coalesce(array_to_string(found.account_scope, ','), ''), TRUE
    );
    PERFORM set_config('role', found.role_name, TRUE);
    PERFORM set_config('statement_timeout', '10s', TRUE);
END
$$;

ALTER FUNCTION pms.check_request() OWNER TO pms_owner;

--
-- Name: FUNCTION check_request(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_request() IS 'Authenticate and authorize a request; PostgREST calls it first

Takes the role of the key in the header X-API-Key for the rest of the transaction, and the accounts
it is bound to. Writes nothing: a GET runs read-only. Refuses with:
- 401 when the key is missing, unknown, revoked or expired
- 403 when its role may not use what the request names, or the account that the gateway says it
  names is none of the key''s';

--
-- Name: check_side(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_side(side text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN (side <> ALL (ARRAY['buy'::text, 'sell'::text])) THEN 'must be buy or sell'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_side(side text) OWNER TO pms_owner;

--
-- Name: FUNCTION check_side(side text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_side(side text) IS 'Why the side of a fill, in lower case, is invalid, or null.';

--
-- Name: check_time(text, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.check_time(literal text, moment timestamp with time zone) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN ((literal IS NOT NULL) AND (moment IS NULL)) THEN 'must be an ISO 8601 time'::text ELSE NULL::text END;

ALTER FUNCTION pms.check_time(literal text, moment timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION check_time(literal text, moment timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.check_time(literal text, moment timestamp with time zone) IS 'The objection to what pms.parse_time has read of a literal, or null; a time may be absent.';

--
-- Name: checkpoints; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.checkpoints (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    executed_at timestamp with time zone NOT NULL,
    entry_id bigint NOT NULL,
    known_from timestamp with time zone NOT NULL,
    known_to timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    ordinal bigint NOT NULL,
    version bigint NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    state pms.leg_state NOT NULL,
    CONSTRAINT checkpoints_known_in_order CHECK ((known_from <= known_to)),
    CONSTRAINT checkpoints_ordinal_positive CHECK ((ordinal > 0))
);

ALTER TABLE pms.checkpoints OWNER TO pms_owner;

--
-- Name: TABLE checkpoints; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.checkpoints IS 'The stored fold of a leg up to one of its entries

Reads fold a leg from its nearest checkpoint (ADR 0001). When an entry before it arrives, is voided
or corrected, a checkpoint is superseded, not changed: the old one holds what was known until then.';

--
-- Name: COLUMN checkpoints.executed_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.executed_at IS 'With entry_id: the place of the last entry folded in.';

--
-- Name: COLUMN checkpoints.known_from; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.known_from IS 'Known from this time on.';

--
-- Name: COLUMN checkpoints.known_to; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.known_to IS 'Known until this time; infinity: current.';

--
-- Name: COLUMN checkpoints.ordinal; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.ordinal IS 'Number of entries folded in.';

--
-- Name: COLUMN checkpoints.version; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.version IS 'Highest version among the entries folded in.';

--
-- Name: COLUMN checkpoints.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.checkpoints.recorded_at IS 'Latest recorded_at among the entries folded in.';

--
-- Name: checkpoint_before(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) RETURNS pms.checkpoints
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    held pms.checkpoints;
BEGIN
    SELECT c.*
    INTO held
    FROM pms.checkpoints c
    WHERE (c.account, c.asset, c.mode, c.leg) = (
            checkpoint_before.account, checkpoint_before.asset, checkpoint_before.mode,
            checkpoint_before.leg
        )
        AND c.executed_at < checkpoint_before.at
        AND c.known_from <= checkpoint_before.known_at
        AND (c.known_to > checkpoint_before.known_at OR c.known_to = 'infinity')
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        SELECT pms.empty_leg(i.multiplier, i.kind)
        INTO held.state
        FROM pms.instruments i
        WHERE i.asset = checkpoint_before.asset;

        held.executed_at := '-infinity';
        held.entry_id := 0;
        held.ordinal := 0;
    END IF;

    RETURN held;
END
$$;

ALTER FUNCTION pms.checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) IS 'The last checkpoint of a leg before a moment, as known at one

Without one, the empty leg: ordinal 0, before all entries.';

--
-- Name: checkpoint_findings(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone DEFAULT '-infinity'::timestamp with time zone, until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS SETOF pms.finding
    LANGUAGE sql STABLE
    AS $$
WITH kept AS (
    SELECT c.*
    FROM pms.checkpoints c
    WHERE c.account = checkpoint_findings.account
        AND c.asset = checkpoint_findings.asset
        AND c.mode = checkpoint_findings.mode
        AND c.leg = checkpoint_findings.leg
        AND c.executed_at BETWEEN checkpoint_findings.since AND checkpoint_findings.until
        AND c.known_to = 'infinity'
)

SELECT n.*
FROM kept k
LEFT JOIN (
    SELECT l.leg, h.*
    FROM (SELECT DISTINCT n.leg FROM kept n) l
    CROSS JOIN LATERAL pms.leg_history(
        checkpoint_findings.account, checkpoint_findings.asset, checkpoint_findings.mode, l.leg,
        checkpoint_findings.since, checkpoint_findings.until
    ) h
    -- IS TRUE keeps IN a hashed sub-plan: the join is no longer than the list of checkpoints
    -- (ADR 0002).
    WHERE (h.ordinal IN (SELECT n.ordinal FROM kept n)) IS TRUE
) h
    ON k.leg = h.leg
        AND k.ordinal = h.ordinal
        AND (h.executed_at, h.entry_id) <= (k.executed_at, k.entry_id)
        -- The place of a checkpoint may be that of an entry which is voided: only the next one
        -- that counts lies behind it. Asked for in order, it is found by index.
        AND NOT coalesce(
            (
                SELECT (n.executed_at, n.id) <= (k.executed_at, k.entry_id)
                FROM (
                    SELECT e.executed_at, e.id
                    FROM pms.entries e
                    WHERE e.account = k.account
                        AND e.asset = k.asset
                        AND e.mode = k.mode
                        AND e.leg = k.leg
                        AND (e.executed_at, e.id) > (h.executed_at, h.entry_id)
                        AND NOT EXISTS (
                            SELECT 1
                            FROM pms.voids v
                            WHERE v.account = e.account AND v.entry_id = e.id
                        )
                    ORDER BY e.executed_at, e.id
                    LIMIT 1
                ) n
            ),
            FALSE
        )
CROSS JOIN LATERAL (
    SELECT
        s.key,
        CASE
            WHEN s.key LIKE '%\_at' THEN 'time'
            ELSE jsonb_typeof(s.value)
        END,
        s.value #>> '{}',
        e.value #>> '{}'
    FROM jsonb_each(
        to_jsonb(k.state)
        || jsonb_build_object('version', k.version, 'recorded_at', k.recorded_at)
    ) s
    INNER JOIN jsonb_each(
        to_jsonb(h.state)
        || jsonb_build_object('version', h.newest_version, 'recorded_at', h.newest_recorded_at)
    ) e ON s.key = e.key
    WHERE s.value <> e.value
    UNION ALL
    -- That number of entries does not end there.
    SELECT 'place', 'text', k.entry_id::text, NULL
    WHERE h.entry_id IS NULL
) d (field, kind, stored, expected)
CROSS JOIN LATERAL pms.ledger_finding(
    checkpoint_findings.account, checkpoint_findings.asset, checkpoint_findings.mode, k.leg,
    'checkpoint', format('%s of checkpoint %s', d.field, k.ordinal),
    CASE d.kind
        WHEN 'number' THEN pms.decimal_text(d.stored::numeric)
        WHEN 'time' THEN pms.time_text(d.stored::timestamptz)
        ELSE d.stored
    END,
    CASE d.kind
        WHEN 'number' THEN pms.decimal_text(d.expected::numeric)
        WHEN 'time' THEN pms.time_text(d.expected::timestamptz)
        ELSE d.expected
    END,
    'rebuild it from the ledger'
) n
WHERE (k.state, k.version, k.recorded_at)
    IS DISTINCT FROM (h.state, h.newest_version, h.newest_recorded_at)
ORDER BY k.ordinal, d.field
$$;

ALTER FUNCTION pms.checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) IS 'Where checkpoints differ from their ledger

The checkpoints of a leg as it is known now, from one event time to another, against the fold from
the checkpoint before them: by default all, from the first entry. Raises class 22 when an entry
cannot be valued.';

--
-- Name: checkpoint_spacing(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.checkpoint_spacing() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN 256;

ALTER FUNCTION pms.checkpoint_spacing() OWNER TO pms_owner;

--
-- Name: FUNCTION checkpoint_spacing(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.checkpoint_spacing() IS 'After how many entries of a leg its fold is kept, give or take a batch.';

--
-- Name: classify_order_events(pms.order_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.classify_order_events(events pms.order_event[]) RETURNS pms.order_event[]
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_events pms.order_event[];
    v_has_totals boolean;
BEGIN
    SELECT
        array_agg((
            c.ordinal,
            CASE
                WHEN c.is_repeat THEN 'duplicate'
                WHEN NOT c.is_repeat THEN 'rejected'
                ELSE c.outcome
            END,
            CASE WHEN NOT c.is_repeat THEN 'identity_conflict' ELSE c.reason END,
            CASE WHEN NOT c.is_repeat THEN pms.conflict_detail(c.identity) ELSE c.detail END,
            c.trace_id, c.account, c.asset, c.mode, c.leg, c.kind, c.identity, c.order_id,
            c.is_cumulative, c.quantity, c.price, c.fee, c.fee_currency, c.amount, c.executed_at,
            c.applied
        )::pms.order_event),
        bool_or(c.outcome IS NULL AND c.is_repeat IS NULL AND c.sends_totals)
    INTO v_events, v_has_totals
    FROM (
        SELECT
            e.*,
            e.is_cumulative OR (
                e.outcome IS NULL AND e.kind = 'trade' AND EXISTS (
                    SELECT 1
                    FROM pms.entries o
                    -- Written as entries_total_idx has it (ADR 0002).
                    WHERE o.account || '/' || o.order_id = e.account || '/' || e.order_id
                        AND o.identity LIKE 'order:%'
                )
            ) AS sends_totals,
            CASE WHEN NOT e.is_cumulative AND e.outcome IS NULL THEN coalesce(
                -- The entry of an execution that a total had counted in part is not what was
                -- reported. Looked up only where there are any at all.
                CASE WHEN (SELECT TRUE FROM pms.subsumed_executions a LIMIT 1) THEN (
                    SELECT
                        pms.content_of_entry(v.asset, v.leg, v.quantity, v.price, v.fee, NULL)
                        = pms.content_of_entry(e.asset, e.leg, e.quantity, e.price, e.fee, NULL)
                    FROM pms.subsumed_executions v
                    WHERE v.account = e.account
                        AND v.identity = e.identity
                ) END,
                (
                    SELECT
                        pms.content_of_entry(
                            x.asset, x.leg,
                            x.quantity + CASE WHEN x.fee_rate = 0 THEN x.fee_native ELSE 0 END,
                            coalesce(x.price, x.amount), coalesce(x.fee_native, x.fee),
                            x.fee_currency
                        )
                        = pms.content_of_entry(
                            e.asset, e.leg, e.quantity, coalesce(e.price, e.amount), e.fee,
                            e.fee_currency
                        )
                    FROM pms.entries x
                    WHERE x.account = e.account
                        AND x.identity = e.identity
                )
            ) END AS is_repeat
        FROM unnest(classify_order_events.events) e
        -- The ledger is looked up once for all columns that read the result (ADR 0002).
        OFFSET 0
    ) c;

    -- A query costs something even where it cannot find anything: one event has no twin.
    IF cardinality(v_events) > 1 THEN
        IF EXISTS (
            SELECT 1
            FROM unnest(v_events) e
            WHERE e.outcome IS NULL
                AND NOT e.is_cumulative
            GROUP BY e.account, e.identity
            HAVING count(*) > 1
        ) THEN
            v_events := ARRAY(SELECT t FROM pms.classify_twins(v_events) t);
        END IF;
    END IF;

    IF v_has_totals THEN
        v_events := ARRAY(SELECT w FROM pms.walk_order_totals(v_events) w);
    END IF;

    RETURN v_events;
END
$$;

ALTER FUNCTION pms.classify_order_events(events pms.order_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION classify_order_events(events pms.order_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.classify_order_events(events pms.order_event[]) IS 'The outcome of each order event of a batch, given what the ledger holds; null applies it

Call it with the legs locked. An event whose identity came before, in the ledger or in the batch,
with the same content is a duplicate, with other content it is rejected (identity_conflict); an
event of an order that sends totals becomes the step over what the order has applied so far
(applied), and is a duplicate at or below it. An event that has an outcome already keeps it.';

--
-- Name: classify_transfer(pms.transfer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.classify_transfer(asked pms.transfer) RETURNS text
    LANGUAGE sql STABLE
    AS $$
SELECT CASE
    WHEN t.transfer_id IS NOT NULL
        THEN
            CASE
                WHEN (t.to_account, t.asset, t.mode, t.leg, t.quantity)
                    = (a.to_account, a.asset, a.mode, a.leg, a.quantity)
                    AND t.price IS NOT DISTINCT FROM a.price
                    THEN 'duplicate'
                ELSE 'conflict'
            END
    -- A transfer from another account has the same identity here.
    WHEN EXISTS (
        SELECT 1
        FROM pms.entries e
        WHERE e.account IN (a.from_account, a.to_account)
            AND e.identity = 'transfer:' || a.transfer_id
    )
        THEN 'conflict'
    ELSE 'new'
END
FROM (SELECT (classify_transfer.asked).*) a
LEFT JOIN pms.transfers t ON a.from_account = t.account AND a.transfer_id = t.transfer_id
$$;

ALTER FUNCTION pms.classify_transfer(asked pms.transfer) OWNER TO pms_owner;

--
-- Name: FUNCTION classify_transfer(asked pms.transfer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.classify_transfer(asked pms.transfer) IS 'Whether a transfer was recorded before: new, duplicate or conflict

conflict: its transfer_id belongs to another transfer of one of the two accounts. Both legs must be
locked.';

--
-- Name: classify_twins(pms.order_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.classify_twins(events pms.order_event[]) RETURNS SETOF pms.order_event
    LANGUAGE sql STABLE
    AS $$
SELECT
    e.ordinal,
    CASE
        WHEN NOT e.is_twin OR e.place = 1 THEN e.outcome
        WHEN e.is_repeat THEN 'duplicate'
        ELSE 'rejected'
    END,
    CASE WHEN e.is_twin AND NOT e.is_repeat THEN 'identity_conflict' ELSE e.reason END,
    CASE
        WHEN e.is_twin AND NOT e.is_repeat THEN pms.conflict_detail(e.identity)
        ELSE e.detail
    END,
    e.trace_id, e.account, e.asset, e.mode, e.leg, e.kind, e.identity, e.order_id,
    e.is_cumulative, e.quantity, e.price, e.fee, e.fee_currency, e.amount, e.executed_at, e.applied
FROM (
    SELECT
        c.*,
        c.outcome IS NULL AND NOT c.is_cumulative AS is_twin,
        row_number() OVER same AS place,
        c.content = first_value(c.content) OVER same AS is_repeat
    FROM (
        SELECT
            u.*,
            pms.content_of_entry(
                u.asset, u.leg, u.quantity, coalesce(u.price, u.amount), u.fee, u.fee_currency
            ) AS content
        FROM unnest(classify_twins.events) u
        -- Computed once for each column that reads it (ADR 0002).
        OFFSET 0
    ) c
    WINDOW same AS (
        PARTITION BY c.outcome IS NULL AND NOT c.is_cumulative, c.account, c.identity
        ORDER BY c.ordinal
    )
    -- As above.
    OFFSET 0
) e
$$;

ALTER FUNCTION pms.classify_twins(events pms.order_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION classify_twins(events pms.order_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.classify_twins(events pms.order_event[]) IS 'Order events, those judged whose identity came before in the batch

An event is compared with the first one of its identity. Call it with events that the ledger does
not hold.';

--
-- Name: compact_outbox(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.compact_outbox(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_dropped bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Only the newest unsent portfolio event matters. Those that the relay is just deleting are
    -- skipped.
    WITH superseded AS (
        SELECT o.sequence
        FROM pms.outbox o
        WHERE o.type = 'portfolio_updated'
            AND o.sequence < (
                SELECT max(n.sequence)
                FROM pms.outbox n
                WHERE n.type = 'portfolio_updated'
                    AND n.aggregateid = o.aggregateid
            )
        ORDER BY o.sequence
        LIMIT c_most
        FOR UPDATE OF o SKIP LOCKED
    )

    DELETE FROM pms.outbox o
    USING superseded s
    WHERE o.sequence = s.sequence;

    GET DIAGNOSTICS v_dropped = ROW_COUNT;
    v_total := coalesce((progress ->> 'dropped')::bigint, 0) + v_dropped;

    IF v_dropped = c_most THEN
        v_step.progress := jsonb_build_object('dropped', v_total);
    END IF;

    v_step.done := format(
        '%s announcements dropped; %s events wait, the oldest for %s seconds',
        v_total,
        pms.outbox_depth(),
        coalesce(
            (
                SELECT floor(extract(EPOCH FROM clock_timestamp() - o.created_at))
                FROM pms.outbox o
                ORDER BY o.sequence
                LIMIT 1
            ),
            0
        )
    );
    RETURN v_step;
END
$$;

ALTER FUNCTION pms.compact_outbox(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION compact_outbox(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.compact_outbox(progress jsonb) IS 'Drop portfolio_updated events that a newer one has replaced before they were sent

A job, in steps of 10000. While the broker is unavailable they pile up, one a second, and subscribers need
only the last. All events of positions stay. Reports how many events wait, and for how long.';

--
-- Name: compare_venue_reports(pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.compare_venue_reports(keys pms.leg_key[]) RETURNS pms.venue_comparison[]
    LANGUAGE sql STABLE
    AS $$
WITH report AS (
    SELECT
        v.account, v.asset, v.mode, v.leg, v.size, v.average_price, v.mark_price, v.unrealized_pnl,
        v.seq, v.reported_at, v.recorded_at, v.trace_id,
        coalesce(v.unexplained_since, v.recorded_at) + s.venue_adoption_delay AS due_at,
        s.size_validation_threshold, s.avg_price_diff_threshold, s.use_ws_avg_price,
        coalesce(i.multiplier, 1) AS multiplier,
        coalesce(i.kind = 'inverse', FALSE) AS is_inverse,
        coalesce(p.size, 0) AS size_now,
        coalesce(p.cost, 0) AS cost_now,
        p.last_executed_at,
        coalesce(v.reported_at > p.last_executed_at, TRUE)
        -- Funding does not change the size.
        OR NOT EXISTS (
            SELECT 1
            FROM pms.standing_entries e
            WHERE (e.account, e.asset, e.mode, e.leg) = (v.account, v.asset, v.mode, v.leg)
                AND e.executed_at >= v.reported_at
                AND e.kind <> 'funding'
        ) AS is_newest
    FROM unnest(compare_venue_reports.keys) k
    INNER JOIN pms.venue_positions v
        ON (k.account, k.asset, k.mode, k.leg) = (v.account, v.asset, v.mode, v.leg)
    CROSS JOIN pms.settings s
    LEFT JOIN pms.instruments i ON v.asset = i.asset
    LEFT JOIN pms.positions p
        ON (v.account, v.asset, v.mode, v.leg) = (p.account, p.asset, p.mode, p.leg)
    -- Computes is_newest once (ADR 0002).
    OFFSET 0
),

-- Our leg is taken as it was at the time of the report.
compared AS (
    SELECT
        r.*,
        CASE WHEN r.is_newest THEN r.size_now ELSE coalesce(h.size, 0) END AS held,
        CASE WHEN r.is_newest THEN r.cost_now ELSE coalesce(h.cost, 0) END AS held_cost
    FROM report r
    LEFT JOIN LATERAL (
        SELECT (m.state).size, (m.state).cost
        FROM (SELECT 1 WHERE NOT r.is_newest) g
        CROSS JOIN LATERAL pms.leg_state_at(
            r.account, r.asset, r.mode, r.leg, r.reported_at
        ) m
    ) h ON TRUE
),

judged AS (
    SELECT
        c.account, c.asset, c.mode, c.leg, c.size, c.average_price, c.mark_price, c.unrealized_pnl,
        c.seq, c.reported_at, c.recorded_at, c.trace_id, c.due_at, c.size_validation_threshold,
        c.avg_price_diff_threshold, c.multiplier, c.is_inverse, c.last_executed_at, c.is_newest,
        c.held, c.held_cost,
        CASE
            WHEN c.size <> 0 AND c.held = 0 AND NOT EXISTS (
                SELECT 1
                FROM pms.entries e
                WHERE (e.account, e.asset, e.mode, e.leg) = (c.account, c.asset, c.mode, c.leg)
                    AND e.kind <> 'funding'
            )
                THEN 'adoption'
            WHEN abs(c.size - c.held) > c.size_validation_threshold THEN 'size'
            WHEN c.use_ws_avg_price
                AND sign(c.size) * sign(c.held) = 1
                -- |theirs - ours| / ours > threshold, without a quotient that could be rounded.
                AND CASE
                    WHEN c.is_inverse
                        THEN abs(c.average_price * c.held_cost + c.held * c.multiplier)
                            > c.avg_price_diff_threshold * abs(c.held * c.multiplier)
                    ELSE abs(c.average_price * c.held * c.multiplier - c.held_cost)
                        > c.avg_price_diff_threshold * abs(c.held_cost)
                END
                THEN 'average_price'
        END AS kind
    FROM compared c
    -- Evaluates the rule once, not wherever kind is used (ADR 0002).
    OFFSET 0
)

SELECT ARRAY(SELECT j::pms.venue_comparison FROM judged j WHERE j.kind IS NOT NULL)
$$;

ALTER FUNCTION pms.compare_venue_reports(keys pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION compare_venue_reports(keys pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.compare_venue_reports(keys pms.leg_key[]) IS 'The newest reports of the venue that differ from our legs at the same time

kind is the first rule that applies. adoption: the venue alone has the position. size: the sizes
differ by strictly more than size_validation_threshold. average_price: the sizes agree, and the
averages differ by strictly more than the ratio avg_price_diff_threshold, unless use_ws_avg_price is
off. Source: contract.md, "What conflicts mean".';

--
-- Name: conflict_detail(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.conflict_detail(identity text) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN (identity || ': this identity was applied before with other content'::text);

ALTER FUNCTION pms.conflict_detail(identity text) OWNER TO pms_owner;

--
-- Name: FUNCTION conflict_detail(identity text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.conflict_detail(identity text) IS 'The detail of a message whose identity was applied before with other content.';

--
-- Name: content_of_entry(text, text, numeric, numeric, numeric, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text) RETURNS pms.entry_content
    LANGUAGE sql IMMUTABLE
    RETURN ROW(asset, leg, quantity, price, COALESCE(fee, (0)::numeric), CASE WHEN (fee <> (0)::numeric) THEN COALESCE(fee_currency, ''::text) ELSE ''::text END)::pms.entry_content;

ALTER FUNCTION pms.content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text) OWNER TO pms_owner;

--
-- Name: FUNCTION content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text) IS 'What two events of one identity must have in common to be the same event.';

--
-- Name: job_runs; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.job_runs (
    id bigint NOT NULL,
    job text NOT NULL,
    started_by text NOT NULL,
    status text DEFAULT 'running'::text NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    steps bigint DEFAULT 0 NOT NULL,
    progress jsonb,
    result text,
    error text,
    error_code text,
    CONSTRAINT job_runs_started_by_is_known CHECK ((started_by = ANY (ARRAY['schedule'::text, 'hand'::text]))),
    CONSTRAINT job_runs_status_is_known CHECK ((status = ANY (ARRAY['running'::text, 'succeeded'::text, 'failed'::text, 'interrupted'::text])))
);

ALTER TABLE pms.job_runs OWNER TO pms_owner;

--
-- Name: TABLE job_runs; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.job_runs IS 'Runs of jobs, kept for a week

The newest success of each job stays, however old: its next run is due after it.';

--
-- Name: COLUMN job_runs.started_by; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.job_runs.started_by IS 'schedule: it was due; hand: an operator started it.';

--
-- Name: COLUMN job_runs.status; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.job_runs.status IS 'interrupted: its session ended during the run, as the next run noticed.';

--
-- Name: COLUMN job_runs.progress; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.job_runs.progress IS 'State from which the next step continues.';

--
-- Name: COLUMN job_runs.error; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.job_runs.error IS 'Why its last step failed; earlier steps are committed.';

--
-- Name: COLUMN job_runs.error_code; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.job_runs.error_code IS 'SQLSTATE.';

--
-- Name: continue_job(bigint); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.continue_job(run bigint) RETURNS pms.job_runs
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_run pms.job_runs;
BEGIN
    SELECT r.* INTO v_run FROM pms.job_runs r WHERE r.id = continue_job.run FOR UPDATE;

    IF v_run.status IS DISTINCT FROM 'running' THEN
        RETURN v_run;
    END IF;

    IF NOT pg_try_advisory_xact_lock(pms.job_lock(v_run.job)) THEN
        RAISE object_in_use USING MESSAGE = format('another session runs %s', v_run.job);
    END IF;

    BEGIN
        EXECUTE format('SELECT s.progress, s.done FROM pms.%I($1) s', v_run.job)
        INTO v_run.progress, v_run.result
        USING v_run.progress;

        v_run.status := CASE WHEN v_run.progress IS NULL THEN 'succeeded' ELSE 'running' END;
    EXCEPTION
        -- Whatever it is, it is this job's alone: here it is kept for people to read.
        WHEN OTHERS THEN
            v_run.status := 'failed';
            v_run.result := NULL;
            v_run.error := SQLERRM;
            v_run.error_code := SQLSTATE;
            RAISE WARNING 'job % failed: % (%)', v_run.job, SQLERRM, SQLSTATE;
    END;

    UPDATE pms.job_runs r
    SET status = v_run.status,
        steps = r.steps + 1,
        progress = v_run.progress,
        result = v_run.result,
        error = v_run.error,
        error_code = v_run.error_code,
        finished_at = CASE WHEN v_run.status <> 'running' THEN clock_timestamp() END
    WHERE r.id = v_run.id
    RETURNING r.* INTO v_run;

    RETURN v_run;
END
$_$;

ALTER FUNCTION pms.continue_job(run bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION continue_job(run bigint); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.continue_job(run bigint) IS 'Take the next step of a run and keep what it came to

Returns the run: to be committed, and to be continued while its status is running. A step that
raises changes nothing; the run has failed then, and says why. Raises 55006 when another session
runs the job.';

--
-- Name: continue_pass(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.continue_pass(target numeric) RETURNS boolean
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verified bigint := 0;
    v_entries bigint;
BEGIN
    FOR v_spans IN 1..100
    LOOP
        v_entries := pms.verify_next_span();
        v_verified := v_verified + v_entries;

        IF v_entries IS NULL
            OR (SELECT v.pass_entries >= target FROM pms.verification_progress v)
        THEN
            RETURN FALSE;
        END IF;

        EXIT WHEN v_verified >= 10000;
    END LOOP;
    RETURN TRUE;
END
$$;

ALTER FUNCTION pms.continue_pass(target numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION continue_pass(target numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.continue_pass(target numeric) IS 'Continue the pass over the whole ledger by one step; return whether the run is to go on with it

Until the pass has read target entries. A step reads a hundred parts, or 10000 entries and what
completes a part.';

--
-- Name: continue_verification(bigint, pms.position_key, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.continue_verification(verification bigint, after pms.position_key, size integer DEFAULT 100) RETURNS pms.position_key
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_keys pms.position_key[] := ARRAY(SELECT k FROM pms.next_positions(after, size) k);
    v_entries bigint;
    v_findings jsonb;
BEGIN
    SELECT
        coalesce(sum(n.entries) FILTER (WHERE NOT x.is_unfoldable), 0),
        coalesce(jsonb_path_query_array(jsonb_agg(x.findings), '$[*][*]'), '[]')
    INTO v_entries, v_findings
    FROM pms.record_ledger_findings(v_keys) x
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries
        FROM pms.entries e
        WHERE e.account = (x.key).account AND e.asset = (x.key).asset AND e.mode = (x.key).mode
    ) n;

    -- Each account with its first position.
    v_findings := v_findings || pms.record_total_findings(ARRAY(
        SELECT DISTINCT k.account
        FROM unnest(v_keys) k
        WHERE k.account IS DISTINCT FROM (continue_verification.after).account
    ));

    UPDATE pms.verifications v
    SET positions = v.positions + cardinality(v_keys),
        entries = v.entries + v_entries,
        discrepancies = v.discrepancies + jsonb_array_length(v_findings),
        findings = jsonb_path_query_array(v.findings || v_findings, '$[0 to 99]'),
        finished_at = CASE WHEN cardinality(v_keys) < size THEN clock_timestamp() END
    WHERE v.id = verification;

    IF cardinality(v_keys) = size THEN
        RETURN v_keys[size];
    END IF;

    UPDATE pms.verification_progress n
    SET verified_at = greatest(n.verified_at, v.started_at),
        covered_since = greatest(n.covered_since, v.started_at)
    FROM pms.verifications v
    WHERE v.id = verification;

    RETURN NULL;
END
$_$;

ALTER FUNCTION pms.continue_verification(verification bigint, after pms.position_key, size integer) OWNER TO pms_owner;

--
-- Name: FUNCTION continue_verification(verification bigint, after pms.position_key, size integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.continue_verification(verification bigint, after pms.position_key, size integer) IS 'Verify the next positions of a verification of the whole ledger, and add their findings

Rows, checkpoints, and the kept totals of accounts. Entries are counted with voided ones. Returns the
last key, to go on after it; null when the verification is finished.';

--
-- Name: convert_fees(pms.entries[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.convert_fees(entries pms.entries[]) RETURNS pms.entries[]
    LANGUAGE sql STABLE
    AS $$
WITH charged AS (
    SELECT
        n.*,
        i.settlement_currency,
        i.multiplier,
        n.fee_currency <> i.settlement_currency AND n.fee <> 0 AS is_foreign,
        -- Taken from the quantity, unless nothing would remain.
        i.kind = 'spot' AND n.fee_currency = i.base_currency
        AND n.price IS NOT NULL AND n.amount IS NULL
        AND sign(n.quantity - n.fee) = sign(n.quantity) AS is_in_quantity
    FROM unnest(convert_fees.entries) WITH ORDINALITY n
    INNER JOIN pms.instruments i ON n.asset = i.asset
),

rated AS (
    SELECT
        c.*,
        -- At the rates as they are: that of a small coin in a large one has few digits left.
        pms.div_round(c.fee * u.charged, u.settled, 18) AS converted,
        CASE
            WHEN c.is_in_quantity THEN 0
            ELSE nullif(pms.div_round(u.charged, u.settled, 18), 0)
        END AS rate
    FROM charged c
    LEFT JOIN LATERAL (
        SELECT
            pms.rate_at(c.fee_currency, c.executed_at) AS charged,
            pms.rate_at(c.settlement_currency, c.executed_at) AS settled
        WHERE c.is_foreign
            AND c.is_in_quantity IS NOT TRUE
    ) u ON TRUE
),

-- What would be beyond the range of a fee is for a person to look at, like one not known.
settled AS (
    SELECT
        r.*,
        CASE WHEN r.rate = 0 OR abs(r.converted) < 1e20 THEN r.rate END AS known_rate
    FROM rated r
)

SELECT array_agg(
    CASE
        WHEN r.is_foreign
            THEN pms.new_entry(
                account => r.account,
                asset => r.asset,
                mode => r.mode,
                leg => r.leg,
                kind => r.kind,
                identity => r.identity,
                order_id => r.order_id,
                quantity =>
                CASE WHEN r.is_in_quantity THEN r.quantity - r.fee ELSE r.quantity END,
                price => r.price,
                -- Without a rate it is not counted yet, and the position reports it.
                fee => CASE WHEN r.known_rate > 0 THEN r.converted ELSE 0 END,
                fee_currency => r.fee_currency,
                fee_native => r.fee,
                fee_rate => r.known_rate,
                amount => CASE
                    WHEN r.is_in_quantity
                        THEN pms.contract_value(r.quantity, r.price, r.multiplier, FALSE)
                    ELSE r.amount
                END,
                realized => r.realized,
                amends => r.amends,
                cause => r.cause,
                counter_account => r.counter_account,
                executed_at => r.executed_at,
                recorded_at => r.recorded_at,
                source => r.source,
                trace_id => r.trace_id
            )
        ELSE convert_fees.entries[r.ordinality]
    END
    ORDER BY r.ordinality
)
FROM settled r
$$;

ALTER FUNCTION pms.convert_fees(entries pms.entries[]) OWNER TO pms_owner;

--
-- Name: FUNCTION convert_fees(entries pms.entries[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.convert_fees(entries pms.entries[]) IS 'Entries with their fees in the settlement currency

A fee in another currency is kept as charged (fee_native) and counted at the newest rate of its
time (fee_rate); without one it is not counted, and flagged so. A fee in what was traded, of a spot
instrument, is taken from the quantity; the cash paid stays the cost. Fees that are in the
settlement currency stay as they are. Source: accounting.md and contract.md, "fee_currency".';

--
-- Name: count_unconverted_fees(pms.entries[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.count_unconverted_fees(entries pms.entries[]) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.unconverted_fees AS u (account, asset, mode, leg, fees)
SELECT n.account, n.asset, n.mode, n.leg, count(*)
FROM unnest(count_unconverted_fees.entries) n
WHERE n.fee_native IS NOT NULL
    AND n.fee_rate IS NULL
GROUP BY n.account, n.asset, n.mode, n.leg
ON CONFLICT ON CONSTRAINT unconverted_fees_pkey DO UPDATE
SET fees = u.fees + excluded.fees
$$;

ALTER FUNCTION pms.count_unconverted_fees(entries pms.entries[]) OWNER TO pms_owner;

--
-- Name: FUNCTION count_unconverted_fees(entries pms.entries[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.count_unconverted_fees(entries pms.entries[]) IS 'Count the entries whose fee is in no amount, because no rate was known at their time.';

--
-- Name: create_partitions(regclass, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.create_partitions(parent regclass, ahead integer) RETURNS text[]
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_default regclass := (
        SELECT t.partdefid FROM pg_catalog.pg_partitioned_table t WHERE t.partrelid = parent
    );
    v_column name := (
        SELECT a.attname
        FROM pg_catalog.pg_partitioned_table t
        INNER JOIN pg_catalog.pg_attribute a
            ON t.partrelid = a.attrelid AND t.partattrs[0] = a.attnum
        WHERE t.partrelid = parent
    );
    v_months timestamptz[];
    v_month timestamptz;
    v_next timestamptz;
    v_partition text;
    v_added text[] := ARRAY[]::text[];
BEGIN
    -- Also the months of rows that arrived without a partition; normally there are none.
    EXECUTE format(
        $sql$
        SELECT array_agg(m.month ORDER BY m.month)
        FROM (
            SELECT (
                date_trunc('month', now() AT TIME ZONE 'UTC') + n * INTERVAL '1 month'
            ) AT TIME ZONE 'UTC'
            FROM generate_series(0, $1) n
            UNION
            SELECT date_trunc('month', d.%1$I, 'UTC')
            FROM %2$s d
        ) m (month)
        WHERE NOT EXISTS (
            SELECT 1 FROM pms.partitions_of($2) p WHERE p.since = m.month
        )
        $sql$,
        v_column, v_default
    )
    USING ahead, parent
    INTO v_months;

    FOREACH v_month IN ARRAY coalesce(v_months, '{}')
    LOOP
        v_next := (v_month AT TIME ZONE 'UTC' + INTERVAL '1 month') AT TIME ZONE 'UTC';
        v_partition := format(
            '%I.%I',
            (SELECT c.relnamespace::regnamespace::text FROM pg_class c WHERE c.oid = parent),
            (SELECT c.relname FROM pg_class c WHERE c.oid = parent)
            || to_char(v_month AT TIME ZONE 'UTC', '_YYYY_MM')
        );

        -- Nobody writes there between the moving and the attaching.
        EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', v_default);
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', v_partition, parent);
        EXECUTE format(
            $sql$
            WITH moved AS (DELETE FROM %1$s d WHERE d.%2$I >= $1 AND d.%2$I < $2 RETURNING d.*)
            INSERT INTO %3$s SELECT m.* FROM moved m
            $sql$,
            v_default, v_column, v_partition
        )
        USING v_month, v_next;
        EXECUTE format(
            'ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
            parent, v_partition, v_month, v_next
        );
        v_added := v_added || to_char(v_month AT TIME ZONE 'UTC', 'YYYY-MM');
    END LOOP;

    RETURN v_added;
END
$_$;

ALTER FUNCTION pms.create_partitions(parent regclass, ahead integer) OWNER TO pms_owner;

--
-- Name: FUNCTION create_partitions(parent regclass, ahead integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.create_partitions(parent regclass, ahead integer) IS 'Give a table the partitions it lacks: this month and those ahead

Months are UTC''s. What lies in the default partition is moved to one of its month as well. Returns
the months that were added.';

--
-- Name: created_response(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.created_response(body jsonb) RETURNS jsonb
    LANGUAGE plpgsql STRICT
    AS $$
BEGIN
    PERFORM set_config('response.status', '201', TRUE);
    RETURN body;
END
$$;

ALTER FUNCTION pms.created_response(body jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION created_response(body jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.created_response(body jsonb) IS 'Answer 201 with a body; null, and no status, without one.';

--
-- Name: current_legs(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.current_legs(account text) RETURNS pms.priced_leg[]
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    -- Two statements: one for both would be planned again for every account.
    IF current_legs.account IS NULL THEN
        RETURN ARRAY(SELECT h.leg FROM pms.priced_legs h WHERE pms.in_scope(h.account));
    END IF;

    RETURN ARRAY(SELECT h.leg FROM pms.priced_legs h WHERE h.account = current_legs.account);
END
$$;

ALTER FUNCTION pms.current_legs(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION current_legs(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.current_legs(account text) IS 'The legs of an account as they are now

account: null is all accounts that are in scope. See pms.legs_as_of for those of another moment.';

--
-- Name: current_positions_of(pms.position_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.current_positions_of(keys pms.position_key[]) RETURNS SETOF pms.current_positions
    LANGUAGE sql STABLE
    AS $$
WITH account AS MATERIALIZED (
    -- Once for each account, not for each position (ADR 0002).
    SELECT a.account, pms.account_exposure(a.account) AS exposure_usdt
    FROM (SELECT DISTINCT k.account FROM unnest(current_positions_of.keys) k) a
)

SELECT v.*
FROM (
    SELECT array_agg(h.leg) AS legs
    FROM unnest(current_positions_of.keys) k
    -- OFFSET 0 keeps the columns conditions of the index (ADR 0002).
    CROSS JOIN LATERAL (
        SELECT l.leg
        FROM pms.priced_legs l
        WHERE l.account = k.account
            AND l.asset = k.asset
            AND l.mode = k.mode
        OFFSET 0
    ) h
) p
-- Inlined, as its argument is a column.
CROSS JOIN LATERAL pms.sum_legs(p.legs) s
INNER JOIN account a ON s.account = a.account
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_position(s, a.exposure_usdt, now(), c.price_staleness_threshold) v
$$;

ALTER FUNCTION pms.current_positions_of(keys pms.position_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION current_positions_of(keys pms.position_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.current_positions_of(keys pms.position_key[]) IS 'The positions of these keys, as in pms.current_positions

keys: each once. Reads no others: the view would have to value all positions of their accounts. One that was never
held has no row.';

--
-- Name: current_summary(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.current_summary(account text) RETURNS pms.portfolio_summary
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_of CONSTANT text := coalesce(
        'account ' || account, 'scope ' || current_setting('pms.account_scope', TRUE), 'scope '
    );
    v_seen_before xid8;
    v_row_count bigint;
    v_has_changes boolean;
    summary pms.portfolio_summary;
BEGIN
    IF v_of = current_setting('pms.summary_of', TRUE) THEN
        v_seen_before := current_setting('pms.summary_seen_before')::xid8;
    END IF;

    SELECT v.row_count, v.has_changes
    INTO v_row_count, v_has_changes
    FROM pms.row_versions(v_seen_before, FALSE) v;

    IF v_has_changes IS FALSE
        AND v_row_count = current_setting('pms.summary_row_count')::bigint
    THEN
        summary.total := current_setting('pms.summary_total')::pms.portfolio_total;
        summary.by_asset := current_setting('pms.summary_by_asset');
        RETURN summary;
    END IF;

    summary := pms.summarize_legs(
        pms.current_legs(current_summary.account), current_summary.account, NULL
    );
    -- Kept by the session, not by the transaction, which may be read-only. Undone if it rolls back.
    PERFORM
        set_config('pms.summary_of', v_of, FALSE),
        set_config(
            'pms.summary_seen_before', pg_snapshot_xmin(pg_current_snapshot())::text, FALSE
        ),
        set_config('pms.summary_row_count', v_row_count::text, FALSE),
        set_config('pms.summary_total', summary.total::text, FALSE),
        set_config('pms.summary_by_asset', summary.by_asset, FALSE);
    RETURN summary;
END
$$;

ALTER FUNCTION pms.current_summary(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION current_summary(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.current_summary(account text) IS 'The summary of an account as it is now

account: null is all accounts that are in scope. Summed only if a row that it depends on has changed
since this session last summed it, see pms.row_versions (ADR 0012). It depends on nothing else, and
not on the time.';

--
-- Name: error_response(integer, text, text, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.error_response(status integer, error_code text, message text, details jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_envelope jsonb := jsonb_build_object(
        'error_code', error_response.error_code,
        'message', error_response.message,
        'trace_id', pms.trace_id(),
        'details', error_response.details
    );
BEGIN
    -- PostgREST reads both from here, and commits: nothing may have been written before. By the
    -- header the gateway knows that this was us; it has no way of looking into a body.
    PERFORM set_config('response.status', error_response.status::text, TRUE);
    PERFORM set_config(
        'response.headers',
        jsonb_build_array(jsonb_build_object('X-Refusal', v_envelope::text))::text,
        TRUE
    );

    RETURN v_envelope;
END
$$;

ALTER FUNCTION pms.error_response(status integer, error_code text, message text, details jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION error_response(status integer, error_code text, message text, details jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.error_response(status integer, error_code text, message text, details jsonb) IS 'Refuse a request of the contract in the contract''s envelope

Sets the HTTP status; return its result. Source: contract.md, section 1, "Errors".';

--
-- Name: dead_letter_not_found(bigint); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.dead_letter_not_found(id bigint) RETURNS jsonb
    LANGUAGE sql
    RETURN pms.error_response(404, 'NOT_FOUND'::text, format('no dead letter %s'::text, id), jsonb_build_object('id', id));

ALTER FUNCTION pms.dead_letter_not_found(id bigint) OWNER TO pms_owner;

--
-- Name: FUNCTION dead_letter_not_found(id bigint); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.dead_letter_not_found(id bigint) IS 'The answer when there is no such dead letter.';

--
-- Name: decide_discrepancy(uuid, text, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text) RETURNS pms.discrepancy_decision
    LANGUAGE plpgsql
    AS $$
DECLARE
    known pms.discrepancies;
    decided pms.discrepancies;
    reconciled pms.reconciled_position;
    v_objection text;
BEGIN
    SELECT d.*
    INTO known
    FROM pms.discrepancies d
    WHERE d.id = decide_discrepancy.id
        AND pms.in_scope(d.account);
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;

    IF known.status <> 'open' THEN
        v_objection := 'already decided';
    ELSIF verdict = 'accepted' AND known.target_cost IS NULL
        AND known.kind NOT IN ('stored_row', 'checkpoint')
    THEN
        v_objection := 'there is nothing to apply: record the missing price, or dismiss it';
    ELSIF verdict = 'accepted' THEN
        reconciled := pms.reconcile_position(
            known.account, known.asset, known.mode, FALSE, FALSE, known.id, decide_discrepancy.trace_id
        );
        v_objection := reconciled.objection;

        UPDATE pms.discrepancies d
        SET decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        FROM unnest(reconciled.seen) s
        WHERE s.id = known.id
            AND s.status = verdict
            AND d.account = known.account
            AND d.id = known.id
        RETURNING d.* INTO decided;
    ELSE
        PERFORM pms.lock_position(known.account, known.asset, known.mode);

        UPDATE pms.discrepancies d
        SET status = verdict,
            closed_at = clock_timestamp(),
            decided_at = clock_timestamp(),
            decided_by = decide_discrepancy.decided_by,
            note = decide_discrepancy.note
        WHERE d.account = known.account
            AND d.id = known.id
            AND d.status = 'open'
        RETURNING d.* INTO decided;

        PERFORM pms.refresh_needs_review(
            ARRAY[(known.account, known.asset, known.mode, known.leg)::pms.leg_key]
        );
    END IF;

    IF decided.id IS NOT NULL THEN
        RETURN (decided, NULL)::pms.discrepancy_decision;
    ELSIF v_objection IS NULL THEN
        -- Another session was quicker, or reconciling it again resolved it.
        v_objection := 'it is no longer open';
        SELECT d.* INTO known FROM pms.discrepancies d WHERE d.id = decide_discrepancy.id;
    END IF;

    RETURN (known, v_objection)::pms.discrepancy_decision;
END
$$;

ALTER FUNCTION pms.decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text) IS 'Accept or dismiss an open discrepancy for a person

verdict accepted: its proposal is applied, also where the rules alone would not; dismissed: the
difference of these values is permitted. Null when there is no such discrepancy; an objection when
it is not open or accepting it would apply nothing.';

--
-- Name: decimal_text(numeric); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.decimal_text(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (trim_scale(amount))::text;

ALTER FUNCTION pms.decimal_text(amount numeric) OWNER TO pms_owner;

--
-- Name: FUNCTION decimal_text(amount numeric); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.decimal_text(amount numeric) IS 'An amount as the contract writes it

Plain decimal notation, trailing zeros trimmed, zero is 0. Source: contract.md, "Formats".';

--
-- Name: decision_response(uuid, pms.discrepancy_decision); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.decision_response(id uuid, decided pms.discrepancy_decision) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF (decided.discrepancy).id IS NULL THEN
        RETURN pms.error_response(
            404, 'NOT_FOUND', 'no such discrepancy', jsonb_build_object('id', id)
        );
    END IF;

    IF decided.objection IS NOT NULL THEN
        RETURN pms.error_response(
            409, 'CONFLICT', decided.objection,
            jsonb_build_object('id', id, 'status', (decided.discrepancy).status)
        );
    END IF;

    RETURN pms.discrepancy_json(decided.discrepancy);
END
$$;

ALTER FUNCTION pms.decision_response(id uuid, decided pms.discrepancy_decision) OWNER TO pms_owner;

--
-- Name: FUNCTION decision_response(id uuid, decided pms.discrepancy_decision); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.decision_response(id uuid, decided pms.discrepancy_decision) IS 'The answer to a decision about a discrepancy.';

--
-- Name: discrepancies_text(pms.discrepancies[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.discrepancies_text(seen pms.discrepancies[]) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT string_agg(
    format(
        '%s of leg %s is %s, by the %s it is %s',
        d.field, d.leg, coalesce(d.ours, 'missing'),
        CASE d.kind
            WHEN 'rule' THEN 'rule'
            WHEN 'stored_row' THEN 'ledger'
            WHEN 'checkpoint' THEN 'ledger'
            ELSE 'venue'
        END,
        coalesce(d.theirs, 'missing')
    ),
    '; ' ORDER BY d.leg, d.kind, d.field
)
FROM unnest(seen) d
WHERE d.status = 'open'
$$;

ALTER FUNCTION pms.discrepancies_text(seen pms.discrepancies[]) OWNER TO pms_owner;

--
-- Name: FUNCTION discrepancies_text(seen pms.discrepancies[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.discrepancies_text(seen pms.discrepancies[]) IS 'Open discrepancies in words; null without one.';

--
-- Name: position_id(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_id(account text, asset text, mode text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
SELECT overlay(
    overlay(md5(account || ':' || asset || ':' || mode) PLACING '8' FROM 13) PLACING '8' FROM 17
)::uuid
$$;

ALTER FUNCTION pms.position_id(account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION position_id(account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_id(account text, asset text, mode text) IS 'The id of a position: the same forever, in every rebuild

A UUID of version 8 (RFC 9562) made of its key; none of the three parts may hold a colon.';

--
-- Name: discrepancy_id(text, text, text, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.discrepancy_id(account text, asset text, mode text, leg text, kind text, field text) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN pms.position_id((pms.position_id(account, asset, mode))::text, leg, ((kind || '/'::text) || field));

ALTER FUNCTION pms.discrepancy_id(account text, asset text, mode text, leg text, kind text, field text) OWNER TO pms_owner;

--
-- Name: FUNCTION discrepancy_id(account text, asset text, mode text, leg text, kind text, field text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.discrepancy_id(account text, asset text, mode text, leg text, kind text, field text) IS 'The id of a discrepancy, always the same

Made of account, asset, mode, leg, kind and field, as the id of a position is of its key.';

--
-- Name: time_text(timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.time_text(moment timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN to_char((moment AT TIME ZONE 'UTC'::text), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'::text);

ALTER FUNCTION pms.time_text(moment timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION time_text(moment timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.time_text(moment timestamp with time zone) IS 'A time as the contract writes it: RFC 3339, UTC, with Z.';

--
-- Name: discrepancy_json(pms.discrepancies); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.discrepancy_json(d pms.discrepancies) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (d).id, 'account', (d).account, 'asset', (d).asset, 'mode', (d).mode, 'leg', (d).leg, 'kind', (d).kind, 'field', (d).field, 'ours', (d).ours, 'theirs', (d).theirs, 'threshold', pms.decimal_text((d).threshold), 'proposal', (d).proposal, 'target_size', pms.decimal_text((d).target_size), 'target_cost', pms.decimal_text((d).target_cost), 'is_fixable', (d).is_fixable, 'status', (d).status, 'evidence', (d).evidence, 'first_seen_at', pms.time_text((d).first_seen_at), 'opened_at', pms.time_text((d).opened_at), 'last_seen_at', pms.time_text((d).last_seen_at), 'times_seen', (d).times_seen, 'closed_at', pms.time_text((d).closed_at), 'decided_by', (d).decided_by, 'decided_at', pms.time_text((d).decided_at), 'note', (d).note, 'trace_id', (d).trace_id);

ALTER FUNCTION pms.discrepancy_json(d pms.discrepancies) OWNER TO pms_owner;

--
-- Name: FUNCTION discrepancy_json(d pms.discrepancies); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.discrepancy_json(d pms.discrepancies) IS 'A discrepancy as JSON of the contract.';

--
-- Name: drop_partitions(regclass, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.drop_partitions(parent regclass, since timestamp with time zone) RETURNS text[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_partition regclass;
    v_month timestamptz;
    v_until timestamptz;
    v_dropped text[] := ARRAY[]::text[];
BEGIN
    FOR v_partition, v_month, v_until IN
        SELECT p.partition, p.since, p.until
        FROM pms.partitions_of(parent) p
        WHERE p.until <= drop_partitions.since
    LOOP
        -- Its newest rows may hold for the months after it.
        IF parent = 'pms.portfolio_history'::regclass THEN
            PERFORM pms.carry_portfolio_history(v_until);
        END IF;

        EXECUTE format('DROP TABLE %s', v_partition);
        v_dropped := v_dropped || to_char(v_month AT TIME ZONE 'UTC', 'YYYY-MM');
    END LOOP;

    RETURN v_dropped;
END
$$;

ALTER FUNCTION pms.drop_partitions(parent regclass, since timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION drop_partitions(parent regclass, since timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.drop_partitions(parent regclass, since timestamp with time zone) IS 'Drop the months of a table that are past entirely

Those whose last moment is before since. Returns the months that were dropped. The totals with which
a month of the portfolio history ends stay, as the first row of the next one.';

--
-- Name: empty_leg(numeric, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.empty_leg(multiplier numeric, kind text) RETURNS pms.leg_state
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ROW(multiplier, (kind = 'inverse'::text), (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, (0)::numeric, NULL::timestamp with time zone, NULL::timestamp with time zone)::pms.leg_state;

ALTER FUNCTION pms.empty_leg(multiplier numeric, kind text) OWNER TO pms_owner;

--
-- Name: FUNCTION empty_leg(multiplier numeric, kind text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.empty_leg(multiplier numeric, kind text) IS 'A leg before its first entry

multiplier and kind are those of its instrument.';

--
-- Name: end_command(pms.command, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.end_command(command pms.command, answer jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $_$
BEGIN
    IF command.answer IS NOT NULL THEN
        RETURN command.answer;
    END IF;

    IF command.request_key IS NOT NULL THEN
        UPDATE pms.idempotency_keys k
        SET status = coalesce(nullif(current_setting('response.status', TRUE), '')::integer, 200),
            answer = end_command.answer
        WHERE k.key_id = current_setting('pms.key_id', TRUE)
            AND k.request_key = command.request_key;
    END IF;

    PERFORM pms.audit_command(
        command.name,
        command.arguments,
        coalesce(command.account, end_command.answer ->> 'account'),
        coalesce(upper(command.arguments ->> 'asset'), end_command.answer ->> 'asset'),
        coalesce(
            (
                SELECT string_agg(o.outcome || ' ' || o.times, ', ' ORDER BY o.outcome)
                FROM (
                    SELECT e.outcome ->> 'outcome' AS outcome, count(*) AS times
                    FROM jsonb_path_query(end_command.answer, '$.outcomes[*]') e (outcome)
                    GROUP BY e.outcome ->> 'outcome'
                ) o
            ),
            end_command.answer ->> 'error_code',
            end_command.answer ->> 'outcome',
            'done'
        )
    );
    RETURN answer;
END
$_$;

ALTER FUNCTION pms.end_command(command pms.command, answer jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION end_command(command pms.command, answer jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.end_command(command pms.command, answer jsonb) IS 'End a command: store its answer, audit it, and return it

In the transaction of the changes, see pms.begin_command. A command that was answered already
returns that answer and is not audited. The audited outcome is that of the answer, the code of its
refusal, or done.

    RETURN pms.end_command(command, coalesce(command.answer, refusal_or_null, result));';

--
-- Name: entries_after(text, text, text, text, pms.checkpoints, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone) RETURNS SETOF pms.entries
    LANGUAGE sql STABLE
    AS $$
SELECT e.*
FROM pms.entries e
WHERE (e.account, e.asset, e.mode, e.leg) = (
        entries_after.account, entries_after.asset, entries_after.mode, entries_after.leg
    )
    AND (e.executed_at, e.id) > ((held).executed_at, (held).entry_id)
    AND e.executed_at <= entries_after.until
    AND e.recorded_at <= entries_after.known_at
    AND NOT EXISTS (
        SELECT 1
        FROM pms.voids v
        WHERE v.account = e.account
            AND v.entry_id = e.id
            AND v.recorded_at <= entries_after.known_at
    )
$$;

ALTER FUNCTION pms.entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone) IS 'The entries of a leg from a checkpoint to a moment that counted, as known at one.';

--
-- Name: entries_before(text, text, text, integer, pms.entries); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.entries_before(account text, asset text, mode text, page_limit integer, before pms.entries) RETURNS SETOF pms.entries
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_before_at timestamptz := coalesce((before).executed_at, 'infinity');
    v_before_id bigint := coalesce((before).id, 9223372036854775807);
BEGIN
    RETURN QUERY
    SELECT n.*
    FROM pms.position_legs(entries_before.mode) k
    CROSS JOIN LATERAL (
        SELECT e.*
        FROM pms.entries e
        WHERE (e.account, e.asset, e.mode, e.leg)
            = (entries_before.account, entries_before.asset, entries_before.mode, k.leg)
            AND (e.executed_at, e.id) < (v_before_at, v_before_id)
        ORDER BY e.executed_at DESC, e.id DESC
        LIMIT entries_before.page_limit
    ) n
    ORDER BY n.executed_at DESC, n.id DESC
    LIMIT entries_before.page_limit;
END
$$;

ALTER FUNCTION pms.entries_before(account text, asset text, mode text, page_limit integer, before pms.entries) OWNER TO pms_owner;

--
-- Name: FUNCTION entries_before(account text, asset text, mode text, page_limit integer, before pms.entries); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.entries_before(account text, asset text, mode text, page_limit integer, before pms.entries) IS 'A page of the entries of a position, newest first

before: the entry before which the page begins; null: the newest.';

--
-- Name: equity_marks; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.equity_marks (
    account text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    net_pnl numeric NOT NULL,
    peak_net_pnl numeric NOT NULL,
    peak_at timestamp with time zone NOT NULL,
    day_net_pnl numeric NOT NULL
);

ALTER TABLE pms.equity_marks OWNER TO pms_owner;

--
-- Name: TABLE equity_marks; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.equity_marks IS 'High-water marks of an account, for drawdown and daily loss

Maintained with the history, so that no read scans the history. The account * stands for all accounts
together. An account begins with a net PnL of 0.';

--
-- Name: COLUMN equity_marks.began_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.equity_marks.began_at IS 'The minute of its first row in the history.';

--
-- Name: COLUMN equity_marks.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.equity_marks.recorded_at IS 'The last minute in which its totals changed.';

--
-- Name: COLUMN equity_marks.peak_net_pnl; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.equity_marks.peak_net_pnl IS 'Highest net PnL: equity without changes of capital.';

--
-- Name: COLUMN equity_marks.day_net_pnl; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.equity_marks.day_net_pnl IS 'Net PnL before the day (UTC) of recorded_at.';

--
-- Name: equity_marks_at(text, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.equity_marks_at(account text, at timestamp with time zone) RETURNS pms.equity_marks[]
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN ARRAY(
        SELECT (
            -- For a single account, the figures of all accounts are its own.
            CASE WHEN a.is_all THEN '*' ELSE m.account END,
            m.began_at,
            coalesce(h.recorded_at, m.recorded_at),
            coalesce(h.net_pnl, m.net_pnl),
            coalesce(h.peak_net_pnl, m.peak_net_pnl),
            -- The time of an earlier peak is not stored, and no limit depends on it.
            NULL,
            coalesce(h.day_net_pnl, m.day_net_pnl)
        )::pms.equity_marks
        FROM pms.equity_marks m
        CROSS JOIN (VALUES (FALSE), (TRUE)) a (is_all)
        LEFT JOIN LATERAL (
            SELECT
                n.recorded_at,
                n.net_pnl,
                n.peak_net_pnl,
                coalesce(d.net_pnl, 0) AS day_net_pnl
            FROM (
                SELECT k.*
                FROM pms.portfolio_history k
                WHERE k.account = m.account
                    AND k.recorded_at <= equity_marks_at.at
                ORDER BY k.recorded_at DESC
                LIMIT 1
            ) n
            LEFT JOIN LATERAL (
                SELECT k.net_pnl
                FROM pms.portfolio_history k
                WHERE k.account = m.account
                    AND k.recorded_at < date_trunc('day', n.recorded_at, 'UTC')
                ORDER BY k.recorded_at DESC
                LIMIT 1
            ) d ON TRUE
        ) h ON equity_marks_at.at < m.recorded_at
        WHERE (
                m.account = equity_marks_at.account
                OR equity_marks_at.account IS NULL AND NOT a.is_all
            )
            -- Before its first row there was nothing.
            AND (equity_marks_at.at IS NULL OR m.began_at <= equity_marks_at.at)
    );
END
$$;

ALTER FUNCTION pms.equity_marks_at(account text, at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION equity_marks_at(account text, at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.equity_marks_at(account text, at timestamp with time zone) IS 'What the history says of drawdown and of a day, at a moment

account: null is all that there are. at: null is now; else from the newest row of the history at or
before it, for as long as it is kept. Without peak_at.';

--
-- Name: examine_positions(pms.position_key[], text[], boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean) RETURNS pms.examination[]
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_objection text;
    v_examined pms.examination[] := ARRAY[]::pms.examination[];
    v_key pms.position_key;
BEGIN
    BEGIN
        -- One statement: it sees rows and entries of the same moment, and locks nothing.
        RETURN ARRAY(
            SELECT (
                k,
                coalesce(array_agg(f::pms.finding) FILTER (WHERE f.account IS NOT NULL), '{}'),
                NULL
            )::pms.examination
            FROM unnest(keys) k
            LEFT JOIN (
                SELECT s.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.stored_row_findings(u.account, u.asset, u.mode) s
                WHERE 'stored_row' = ANY(sources)
                UNION ALL
                SELECT c.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.position_legs(u.mode) l
                CROSS JOIN LATERAL pms.checkpoint_findings(u.account, u.asset, u.mode, l.leg) c
                WHERE 'checkpoint' = ANY(sources)
                UNION ALL
                SELECT r.*
                FROM unnest(keys) u
                CROSS JOIN LATERAL pms.rule_findings(u.account, u.asset, u.mode) r
                WHERE 'rule' = ANY(sources)
                UNION ALL
                SELECT v.*
                FROM pms.venue_findings(
                    pms.compare_venue_reports(ARRAY(
                        SELECT (u.account, u.asset, u.mode, l.leg)::pms.leg_key
                        FROM unnest(keys) u
                        CROSS JOIN LATERAL pms.position_legs(u.mode) l
                        WHERE 'venue' = ANY(sources)
                    )),
                    honor_adoption_delay
                ) v
                WHERE NOT v.is_waiting
            ) f
                ON (k.account, k.asset, k.mode) = (f.account, f.asset, f.mode)
            GROUP BY k
            ORDER BY k
        );
    EXCEPTION
        -- An entry that cannot be valued.
        WHEN data_exception THEN
            v_objection := SQLERRM;
    END;

    IF cardinality(keys) = 1 THEN
        RETURN ARRAY[(keys[1], '{}', v_objection)::pms.examination];
    END IF;

    FOREACH v_key IN ARRAY keys
    LOOP
        v_examined := v_examined
            || pms.examine_positions(ARRAY[v_key], sources, honor_adoption_delay);
    END LOOP;
    RETURN v_examined;
END
$$;

ALTER FUNCTION pms.examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean) IS 'The findings of positions by a list of sources, one examination each

sources: stored_row (the row against the fold of its entries), checkpoint, rule (an identity that
every leg keeps), venue (its newest reports). A position whose ledger cannot be folded has an
objection and does not keep the others from being examined. In the order of their keys.';

--
-- Name: explain_entries(text, text, text, integer, pms.entries); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries) RETURNS SETOF pms.explained_entry
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN QUERY
    -- Read several times (ADR 0002).
    WITH page AS MATERIALIZED (
        SELECT e.*
        FROM pms.entries_before(
            explain_entries.account, explain_entries.asset, explain_entries.mode,
            explain_entries.page_limit, explain_entries.before
        ) e
    ),

    -- The states of the legs and the entries of the page, in one stream that is only sorted: without
    -- statistics the planner might join such small tables in any way (ADR 0002).
    stream AS (
        SELECT
            s.leg, h.executed_at, h.entry_id AS id, FALSE AS is_shown, h.state,
            lag(h.state) OVER (PARTITION BY s.leg ORDER BY h.ordinal) AS before,
            NULL::pms.entries AS entry
        FROM (
            SELECT g.leg, min(g.executed_at) AS since, max(g.executed_at) AS until
            FROM page g
            GROUP BY g.leg
        ) s
        CROSS JOIN LATERAL pms.leg_history(
            explain_entries.account, explain_entries.asset, explain_entries.mode,
            s.leg, s.since, s.until
        ) h
        UNION ALL
        SELECT g.leg, g.executed_at, g.id, TRUE, NULL, NULL, g::pms.entries
        FROM page g
    ),

    numbered AS (
        SELECT s.*, count(s.state) OVER place AS moment
        FROM stream s
        WINDOW place AS (
            PARTITION BY s.leg
            ORDER BY s.executed_at NULLS FIRST, s.id NULLS FIRST, s.is_shown
        )
    ),

    -- A voided entry is none of the leg's moments: beside it stands the one before its place.
    explained AS (
        SELECT
            n.is_shown,
            n.entry,
            first_value(n.id) OVER same = n.id AS is_counted,
            first_value(n.before) OVER same AS before,
            first_value(n.state) OVER same AS state
        FROM numbered n
        WINDOW same AS (
            PARTITION BY n.leg, n.moment
            ORDER BY n.executed_at NULLS FIRST, n.id NULLS FIRST, n.is_shown
        )
    )

    SELECT
        (x.entry).id, (x.entry).leg, (x.entry).kind,
        CASE
            WHEN (x.entry).kind IN ('opening', 'adjustment') THEN NULL
            WHEN (x.entry).quantity > 0 THEN 'buy'
            WHEN (x.entry).quantity < 0 THEN 'sell'
        END,
        trim_scale((x.entry).quantity),
        trim_scale((x.entry).price),
        trim_scale(coalesce(
            (x.entry).amount,
            pms.contract_value(
                (x.entry).quantity, (x.entry).price, (x.state).multiplier, (x.state).is_inverse
            )
        )),
        trim_scale((x.entry).amount),
        trim_scale((x.entry).fee),
        trim_scale((x.entry).fee_native),
        coalesce((x.entry).fee_currency, i.settlement_currency),
        trim_scale((x.entry).fee_rate),
        i.settlement_currency,
        (x.entry).executed_at, (x.entry).recorded_at, (x.entry).identity, (x.entry).order_id,
        (x.entry).amends, (x.entry).cause, (x.entry).counter_account,
        v.entry_id IS NOT NULL, v.cause, v.amendment, v.recorded_at,
        (x.entry).source, (x.entry).trace_id, (x.entry).version,
        CASE WHEN x.is_counted THEN trim_scale((x.state).size - (x.before).size) ELSE 0 END,
        CASE WHEN x.is_counted THEN trim_scale((x.state).cost - (x.before).cost) ELSE 0 END,
        trim_scale((x.state).size),
        trim_scale(pms.average_price(
            (x.state).size, (x.state).cost, (x.state).multiplier, (x.state).is_inverse
        )),
        trim_scale((x.state).cost),
        trim_scale((x.state).realized),
        trim_scale((x.state).realized - (x.state).fees_close + (x.state).funding),
        trim_scale((x.state).fees_open + (x.state).fees_close),
        trim_scale((x.state).funding)
    FROM explained x
    INNER JOIN pms.instruments i ON (x.entry).asset = i.asset
    LEFT JOIN pms.voids v ON (x.entry).account = v.account AND (x.entry).id = v.entry_id
    WHERE x.is_shown
    ORDER BY (x.entry).executed_at DESC, (x.entry).id DESC;
END
$$;

ALTER FUNCTION pms.explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries) OWNER TO pms_owner;

--
-- Name: FUNCTION explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries) IS 'The entries of a position and its legs after each

Newest first, in the order of events; the legs of a hedge merged, each with its own state. before:
the entry before which the page begins; null: the newest. Costs as much as the page is
long, not as the ledger is: by the index of events, and from the checkpoint before the page.';

--
-- Name: explained_entry_json(pms.explained_entry); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.explained_entry_json(e pms.explained_entry) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN (jsonb_build_object('id', (e).id, 'leg', (e).leg, 'kind', (e).kind, 'side', (e).side, 'quantity', pms.decimal_text((e).quantity), 'price', pms.decimal_text((e).price), 'value', pms.decimal_text((e).value), 'amount', pms.decimal_text((e).amount), 'fee', pms.decimal_text((e).fee), 'fee_native', pms.decimal_text((e).fee_native), 'fee_currency', (e).fee_currency, 'fee_rate', pms.decimal_text((e).fee_rate), 'settlement_currency', (e).settlement_currency, 'executed_at', pms.time_text((e).executed_at), 'recorded_at', pms.time_text((e).recorded_at), 'identity', (e).identity, 'order_id', (e).order_id, 'amends', (e).amends, 'cause', (e).cause, 'counter_account', (e).counter_account, 'is_voided', (e).is_voided, 'voided_by', (e).voided_by, 'amendment', (e).amendment, 'voided_at', pms.time_text((e).voided_at), 'source', (e).source, 'trace_id', (e).trace_id, 'version', (e).version) || jsonb_build_object('size_change', pms.decimal_text((e).size_change), 'cost_change', pms.decimal_text((e).cost_change), 'size', pms.decimal_text((e).size), 'average_entry_price', pms.decimal_text((e).average_entry_price), 'cost', pms.decimal_text((e).cost), 'realized', pms.decimal_text((e).realized), 'realized_pnl', pms.decimal_text((e).realized_pnl), 'fees_paid', pms.decimal_text((e).fees_paid), 'funding', pms.decimal_text((e).funding)));

ALTER FUNCTION pms.explained_entry_json(e pms.explained_entry) OWNER TO pms_owner;

--
-- Name: FUNCTION explained_entry_json(e pms.explained_entry); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.explained_entry_json(e pms.explained_entry) IS 'An entry and its leg after it, in the notation of the contract.';

--
-- Name: find_key(bytea); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]) RETURNS record
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
BEGIN
    SELECT
        k.id,
        CASE k.role WHEN 'operator' THEN 'pms_http_operator' ELSE 'pms_' || k.role END,
        k.account_scope
    INTO find_key.id, find_key.role_name, find_key.account_scope
    FROM pms.api_keys k
    WHERE k.digest = find_key.key_digest
        AND k.revoked_at IS NULL
        AND (k.expires_at IS NULL OR k.expires_at > now());
END
$$;

ALTER FUNCTION pms.find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]) IS 'The id of a key, its database role and the accounts it is bound to

key_digest: sha256 of the key text. All null when the key is unknown, revoked or expired.
account_scope null: all accounts. Over HTTP an operator has fewer rights than on the command line:
keys, limits and settings are out of reach.';

--
-- Name: finish_entries(pms.changed_leg[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.finish_entries(changed pms.changed_leg[], update_source text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_flagged CONSTANT pms.leg_key[] := ARRAY(
        SELECT (c.account, c.asset, c.mode, c.leg)::pms.leg_key
        FROM unnest(changed) c
        WHERE c.needs_review
    );
BEGIN
    -- The change may have resolved the difference.
    IF v_flagged <> '{}' THEN
        PERFORM pms.record_discrepancies(
            ARRAY(
                SELECT f
                FROM pms.venue_findings(pms.compare_venue_reports(v_flagged), TRUE) f
                WHERE NOT f.is_waiting
            ),
            ARRAY[]::pms.finding[], NULL,
            v_flagged,
            '{size,average_price,adoption}',
            NULL
        );
    END IF;

    PERFORM pms.publish_position_events(changed, update_source);
END
$$;

ALTER FUNCTION pms.finish_entries(changed pms.changed_leg[], update_source text) OWNER TO pms_owner;

--
-- Name: FUNCTION finish_entries(changed pms.changed_leg[], update_source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.finish_entries(changed pms.changed_leg[], update_source text) IS 'Finish a change of the ledger: compare flagged legs with the venue, publish the positions

changed: the legs that pms.post_entries returned, still locked. Legs that need review are compared
with the venue again; none of them is changed. Each changed position leaves one event in the
outbox.';

--
-- Name: verified_legs; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.verified_legs (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    entered_at timestamp with time zone NOT NULL,
    checkpointed bigint NOT NULL
);

ALTER TABLE pms.verified_legs OWNER TO pms_owner;

--
-- Name: TABLE verified_legs; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.verified_legs IS 'The state in which each leg was verified. A leg in another one has changed since.';

--
-- Name: COLUMN verified_legs.entered_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verified_legs.entered_at IS 'pms.positions.entered_at at that time; checkpoints known from then on are new.';

--
-- Name: COLUMN verified_legs.checkpointed; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verified_legs.checkpointed IS 'pms.positions.checkpointed at that time; checkpoints after this entry are new.';

--
-- Name: first_unverified_checkpoint(pms.verified_legs); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.first_unverified_checkpoint(verified pms.verified_legs) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    base pms.checkpoints;
BEGIN
    -- Checkpoints are added and replaced at the end of their list. Read from there, by index.
    SELECT c.*
    INTO base
    FROM pms.checkpoints c
    WHERE (c.account, c.asset, c.mode, c.leg)
        = (verified.account, verified.asset, verified.mode, verified.leg)
        AND c.known_to = 'infinity'
        AND c.known_from <= verified.entered_at
        AND c.ordinal <= verified.checkpointed
    ORDER BY c.executed_at DESC, c.entry_id DESC
    LIMIT 1;

    IF NOT FOUND THEN
        RETURN '-infinity'::timestamptz;
    END IF;

    RETURN coalesce(
        (
            SELECT c.executed_at
            FROM pms.checkpoints c
            WHERE (c.account, c.asset, c.mode, c.leg)
                = (verified.account, verified.asset, verified.mode, verified.leg)
                AND c.known_to = 'infinity'
                AND (c.executed_at, c.entry_id) > (base.executed_at, base.entry_id)
            ORDER BY c.executed_at, c.entry_id
            LIMIT 1
        ),
        'infinity'
    );
END
$$;

ALTER FUNCTION pms.first_unverified_checkpoint(verified pms.verified_legs) OWNER TO pms_owner;

--
-- Name: FUNCTION first_unverified_checkpoint(verified pms.verified_legs); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.first_unverified_checkpoint(verified pms.verified_legs) IS 'The event time of the first checkpoint of a leg that came after it was verified

infinity: there is none; -infinity: all, or the leg has not been verified.';

--
-- Name: fixable_findings(pms.finding[], boolean, uuid); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid) RETURNS pms.finding[]
    LANGUAGE sql STABLE
    AS $$
SELECT ARRAY(
    SELECT f
    FROM unnest(findings) f
    WHERE apply_fixes AND f.is_fixable AND NOT pms.is_dismissed(f)
        OR accepted IS NOT NULL
        AND pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field) = accepted
)
$$;

ALTER FUNCTION pms.fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid) OWNER TO pms_owner;

--
-- Name: FUNCTION fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid) IS 'The findings to settle now

Those that the rules allow when apply_fixes is true, unless a person dismissed them; and the accepted
one.';

--
-- Name: gateway_limits_document(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.gateway_limits_document() RETURNS jsonb
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT jsonb_build_object(
    'enabled', (SELECT s.rate_limit_enabled FROM pms.settings s),
    'limits', jsonb_agg(
        jsonb_build_object(
            'id', l.id,
            'per_minute', l.per_minute,
            'burst', l.burst,
            'concurrent', l.concurrent,
            'handle', l.handle,
            'fingerprint', encode(l.fingerprint, 'hex')
        )
        ORDER BY l.counted_by, l.id
    )
)
FROM pms.rate_limits l
$$;

ALTER FUNCTION pms.gateway_limits_document() OWNER TO pms_owner;

--
-- Name: FUNCTION gateway_limits_document(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.gateway_limits_document() IS 'The live keys and their limits, for the gateway

{enabled, limits: [{id, per_minute, burst, concurrent, handle, fingerprint}]}; address and open have
neither handle nor fingerprint (hex).';

--
-- Name: gateway_samples(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.gateway_samples(http jsonb) RETURNS SETOF pms.metric_sample
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT
    'http_requests_total', 'counter', 'Requests since the reader of the log started.', '',
    format('{path="%s",method="%s",status="%s"}', r.key, m.key, s.key), s.value
FROM jsonb_each(gateway_samples.http -> 'requests') r
CROSS JOIN LATERAL jsonb_each(r.value) m
CROSS JOIN LATERAL jsonb_each_text(m.value) s
UNION ALL
SELECT
    'http_limited_total', 'counter', 'Requests refused with 429.', '',
    format('{by="%s"}', l.key), l.value
FROM jsonb_each_text(gateway_samples.http -> 'limited') l
UNION ALL
SELECT
    'http_refused_keys_total', 'counter', 'Requests with a key that opens nothing.', '', '',
    gateway_samples.http ->> 'refused_keys'
UNION ALL
SELECT s.*
FROM pms.histogram_samples(
    'http_request_duration_seconds', 'As the gateway measures it.', 'path',
    gateway_samples.http -> 'seconds'
) s
$$;

ALTER FUNCTION pms.gateway_samples(http jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION gateway_samples(http jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.gateway_samples(http jsonb) IS 'Lines of Prometheus for what the gateway has answered

http: as the reader of its log reports.';

--
-- Name: histogram_samples(text, text, text, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.histogram_samples(name text, help text, label text, histograms jsonb) RETURNS SETOF pms.metric_sample
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT
    histogram_samples.name, 'histogram', histogram_samples.help, s.suffix, s.labels, s.value
FROM jsonb_each(
    CASE jsonb_typeof(histogram_samples.histograms)
        WHEN 'object' THEN histogram_samples.histograms
    END
) h
CROSS JOIN LATERAL (VALUES ('{' || '%s="%s"%s' || '}')) l (form)
CROSS JOIN LATERAL (
    SELECT
        '_bucket', format(l.form, histogram_samples.label, h.key, format(',le="%s"', b.key)), b.value
    FROM jsonb_each_text(h.value -> 'buckets') b
    UNION ALL
    SELECT
        '_' || p.part, format(l.form, histogram_samples.label, h.key, ''), h.value ->> p.part
    FROM unnest('{sum,count}'::text[]) p (part)
) s (suffix, labels, value)
$$;

ALTER FUNCTION pms.histogram_samples(name text, help text, label text, histograms jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION histogram_samples(name text, help text, label text, histograms jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.histogram_samples(name text, help text, label text, histograms jsonb) IS 'Lines of Prometheus for histograms

histograms: by the value of the label {buckets: {bound: count up to it}, sum, count}.';

--
-- Name: implied_cost(numeric, numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    v_cost numeric;
BEGIN
    IF size = 0 OR mark_price IS NULL OR unrealized_pnl IS NULL THEN
        RETURN NULL;
    END IF;

    v_cost := pms.contract_value(size, mark_price, multiplier, is_inverse) - unrealized_pnl;
    -- A positive average has this sign, and no other.
    IF sign(v_cost) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END) THEN
        RETURN NULL;
    END IF;

    RETURN v_cost;
END
$$;

ALTER FUNCTION pms.implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) IS 'The cost that a mark and an unrealized PnL imply, or null

value(size, mark) - unrealized PnL, exact; null when flat, when something is missing, or when no
positive average fits. The counterpart of pms.implied_mark.';

--
-- Name: implied_mark(numeric, numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) RETURNS numeric
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    v_value numeric;
    v_mark numeric;
BEGIN
    IF size = 0 OR average_price IS NULL OR unrealized_pnl IS NULL THEN
        RETURN NULL;
    END IF;

    v_value := pms.contract_value(size, average_price, multiplier, is_inverse) + unrealized_pnl;
    IF v_value = 0 OR sign(v_value) <> (CASE WHEN is_inverse THEN -sign(size) ELSE sign(size) END)
    THEN
        RETURN NULL;
    END IF;

    v_mark := CASE
        WHEN is_inverse THEN pms.div_round(-size * multiplier, v_value, 12)
        ELSE pms.div_round(v_value, size * multiplier, 12)
    END;
    RETURN CASE WHEN v_mark > 0 AND v_mark < 1e20 THEN trim_scale(v_mark) END;
END
$$;

ALTER FUNCTION pms.implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) IS 'The mark price that a reported PnL implies, or null

The price at which value(size, price) = value(size, average) + unrealized PnL, rounded to 12
fractional digits; null when flat, when something is missing, or when no positive price fits.';

--
-- Name: import_identity(pms.imported_leg); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.import_identity(leg pms.imported_leg) RETURNS text
    LANGUAGE sql IMMUTABLE
    RETURN format('import:%s:%s:%s'::text, (leg).mode, (leg).asset, (leg).leg);

ALTER FUNCTION pms.import_identity(leg pms.imported_leg) OWNER TO pms_owner;

--
-- Name: FUNCTION import_identity(leg pms.imported_leg); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.import_identity(leg pms.imported_leg) IS 'What makes the opening of an imported leg the same one: a leg is imported once.';

--
-- Name: import_positions(jsonb, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_recorded_at timestamptz;
    v_keys pms.leg_key[];
    v_prices pms.price_event[];
    v_marked pms.leg_key[];
BEGIN
    legs := ARRAY(
        SELECT l
        FROM pms.plan_import(import_positions.positions, import_positions.account) l
    );

    v_keys := ARRAY(
        SELECT (l.account, l.asset, l.mode, l.leg)::pms.leg_key
        FROM unnest(legs) l
        WHERE l.outcome = 'applied'
    );

    IF v_keys = '{}' THEN
        RETURN;
    END IF;

    -- A price of the older table counts unless a newer one is known.
    v_prices := pms.store_prices(ARRAY(
        SELECT (
            l.ordinal, NULL, NULL, NULL, import_positions.trace_id, l.asset, l.current_price,
            l.executed_at, 'import'
        )::pms.price_event
        FROM unnest(legs) l
        WHERE l.outcome = 'applied'
            AND l.size <> 0
            AND l.current_price IS NOT NULL
            AND l.executed_at IS NOT NULL
    ));
    v_marked := pms.legs_to_mark(v_prices);
    -- Together, for all locks are taken in one order; legs of other accounts are only marked.
    PERFORM pms.lock_stored_legs(v_keys || v_marked);
    PERFORM pms.mark_legs(v_marked);
    v_recorded_at := pms.lock_legs(v_keys);

    -- Behind the locks: of two imports at once the second finds what the first has done.
    legs := ARRAY(
        SELECT l
        FROM pms.plan_import(import_positions.positions, import_positions.account) l
    );

    changed := pms.post_entries(
        ARRAY(
            SELECT pms.new_entry(
                account => l.account,
                asset => l.asset,
                mode => l.mode,
                leg => l.leg,
                kind => 'opening',
                cause => 'import',
                identity => pms.import_identity(l),
                quantity => l.size,
                price => l.average_price,
                amount => CASE WHEN l.size = 0 THEN 0 END,
                realized => l.realized,
                executed_at => coalesce(l.executed_at, v_recorded_at),
                recorded_at => v_recorded_at,
                source => 'import',
                trace_id => import_positions.trace_id
            )
            FROM unnest(legs) l
            -- A leg that was not locked is not written: it is for the next import.
            INNER JOIN unnest(v_keys) k
                ON (l.account, l.asset, l.mode, l.leg) = (k.account, k.asset, k.mode, k.leg)
            WHERE l.outcome = 'applied'
        )
    );
END
$$;

ALTER FUNCTION pms.import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]) OWNER TO pms_owner;

--
-- Name: FUNCTION import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]) IS 'Import the rows of an older positions table as opening entries

Size, average and what was earned are carried over as they are; a fill that is dated later counts on
top. Safe to repeat: what was imported is a duplicate. legs: the outcome of each row. changed: the
legs for pms.finish_entries.';

--
-- Name: is_dismissed(pms.finding); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.is_dismissed(f pms.finding) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.discrepancies d
    WHERE d.account = (f).account
        AND d.id = pms.discrepancy_id(
            (f).account, (f).asset, (f).mode, (f).leg, (f).kind, (f).field
        )
        AND d.status = 'dismissed'
        AND (d.ours, d.theirs) IS NOT DISTINCT FROM ((f).ours, (f).theirs)
)
$$;

ALTER FUNCTION pms.is_dismissed(f pms.finding) OWNER TO pms_owner;

--
-- Name: FUNCTION is_dismissed(f pms.finding); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.is_dismissed(f pms.finding) IS 'Whether a person dismissed this difference of these values.';

--
-- Name: is_leg_sound(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) RETURNS boolean
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1
        FROM pms.checkpoint_findings(account, asset, mode, leg, since, until)
    ) AND (
        until < 'infinity'
        OR NOT EXISTS (SELECT 1 FROM pms.stored_row_findings(account, asset, mode, TRUE))
    );
EXCEPTION
    -- An entry that cannot be valued.
    WHEN data_exception THEN
        RETURN FALSE;
END
$$;

ALTER FUNCTION pms.is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) IS 'Whether the checkpoints of a leg, from one event time to another, follow from the one before them

until infinity: and the row from the last one.';

--
-- Name: job_ages(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.job_ages() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
SELECT coalesce(
    jsonb_object_agg(
        j.job,
        jsonb_build_object(
            'age_seconds', floor(extract(EPOCH FROM clock_timestamp() - j.last_success_at)),
            'overdue', j.is_overdue
        )
    ),
    '{}'
)
FROM pms.job_status j
$$;

ALTER FUNCTION pms.job_ages() OWNER TO pms_owner;

--
-- Name: FUNCTION job_ages(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.job_ages() IS 'How long ago each job last succeeded, for health and metrics

Of each {age_seconds, overdue}; age_seconds is null before its first success.';

--
-- Name: job_lock(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.job_lock(job text) RETURNS bigint
    LANGUAGE sql IMMUTABLE
    RETURN hashtextextended(('pms.jobs/'::text || job), (0)::bigint);

ALTER FUNCTION pms.job_lock(job text) OWNER TO pms_owner;

--
-- Name: FUNCTION job_lock(job text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.job_lock(job text) IS 'The advisory lock of the session that runs a job: one at a time.';

--
-- Name: last_verification(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.last_verification() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
SELECT jsonb_build_object(
    'ledger_verified_at', pms.time_text(v.verified_at),
    'ledger_discrepancies',
    CASE WHEN v.verified_at IS NOT NULL THEN pms.standing_ledger_findings() END,
    'oldest_verification_age_seconds',
    floor(extract(EPOCH FROM clock_timestamp() - v.covered_since))::bigint
)
FROM pms.verification_progress v
$$;

ALTER FUNCTION pms.last_verification() OWNER TO pms_owner;

--
-- Name: FUNCTION last_verification(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.last_verification() IS 'Time and result of the verification of the ledger

For health and metrics. ledger_verified_at: changes committed before it have been verified.
ledger_discrepancies: the findings that stand, of changes and of the pass over the whole ledger. Both
are null before the first verification. oldest_verification_age_seconds: every part of the ledger has
been folded again within this time, by the last finished pass or a later one; before the first, since
the deployment.';

--
-- Name: ledger_finding(text, text, text, text, text, text, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text) RETURNS SETOF pms.finding
    LANGUAGE sql IMMUTABLE ROWS 1
    AS $$
SELECT
    ledger_finding.account, ledger_finding.asset, ledger_finding.mode, ledger_finding.leg,
    ledger_finding.kind, ledger_finding.field, ledger_finding.stored, ledger_finding.expected,
    NULL::numeric, ledger_finding.proposal, NULL::numeric, NULL::numeric, NULL::numeric,
    ledger_finding.kind <> 'rule', FALSE, NULL::text, NULL::timestamptz, NULL::jsonb,
    NULL::text
$$;

ALTER FUNCTION pms.ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text) OWNER TO pms_owner;

--
-- Name: FUNCTION ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text) IS 'A finding that needs no report of the venue

kind: stored_row, checkpoint or rule; a broken rule is not fixable. A row for the planner to inline,
not a value.';

--
-- Name: leg_exposure(numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN COALESCE(abs(pms.contract_value(size, mark_price, multiplier, is_inverse)), (0)::numeric);

ALTER FUNCTION pms.leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean) IS 'The exposure of a leg, in its settlement currency

The absolute value of its size at a mark price; 0 without a price.';

--
-- Name: leg_history(text, text, text, text, timestamp with time zone, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone DEFAULT 'infinity'::timestamp with time zone, known_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS SETOF pms.leg_moment
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    held CONSTANT pms.checkpoints := pms.checkpoint_before(
        account, asset, mode, leg, since, known_at
    );
BEGIN
    RETURN QUERY
    SELECT
        NULL::bigint, nullif(held.executed_at, '-infinity'), held.recorded_at, held.version,
        held.ordinal, held.version, held.recorded_at, held.state;

    RETURN QUERY
    SELECT
        e.id,
        e.executed_at,
        e.recorded_at,
        e.version,
        held.ordinal + row_number() OVER place,
        greatest(held.version, max(e.version) OVER place),
        greatest(held.recorded_at, max(e.recorded_at) OVER place),
        pms.fold(
            held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized, e.executed_at
        ) OVER place
    FROM pms.entries_after(account, asset, mode, leg, held, until, known_at) e
    WINDOW place AS (ORDER BY e.executed_at, e.id ROWS UNBOUNDED PRECEDING);
END
$$;

ALTER FUNCTION pms.leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone, known_at timestamp with time zone) IS 'A leg after each of its entries, in the order of events

From the last checkpoint before since, through the entries of event time up to until, as known at
known_at. The first row is the state it starts from (entry_id null), so there always is a row. Late
entries, explanation and round trips read the past of a leg here; pms.leg_state_at gives its state
at one moment. Raises class 22 when an entry cannot be valued.';

--
-- Name: leg_state_at(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS pms.checkpoints
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    held pms.checkpoints := pms.checkpoint_before(account, asset, mode, leg, at, known_at);
BEGIN
    SELECT
        coalesce(max(e.executed_at), held.executed_at),
        coalesce(
            (array_agg(e.id ORDER BY e.executed_at, e.id))[count(*)], held.entry_id
        ),
        held.ordinal + count(*),
        greatest(held.version, max(e.version)),
        greatest(held.recorded_at, max(e.recorded_at)),
        coalesce(
            pms.fold(
                held.state, e.kind, e.quantity, e.price, e.fee, e.amount, e.realized,
                e.executed_at ORDER BY e.executed_at, e.id
            ),
            held.state
        )
    INTO
        held.executed_at, held.entry_id, held.ordinal, held.version, held.recorded_at, held.state
    FROM pms.entries_after(account, asset, mode, leg, held, at, known_at) e;

    RETURN held;
END
$$;

ALTER FUNCTION pms.leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) IS 'A leg as it was at a moment, as known at another

In the form of a checkpoint: entry_id and executed_at are those of its newest entry then, ordinal
counts its entries, version and recorded_at are the highest of them. ordinal 0: it had none. Raises
class 22 when an entry cannot be valued.';

--
-- Name: legs_after_fill(pms.priced_leg[], pms.order_event); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.legs_after_fill(legs pms.priced_leg[], fill pms.order_event) RETURNS pms.priced_leg[]
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_leg pms.priced_leg;
    v_state pms.leg_state;
BEGIN
    SELECT l.*
    INTO v_leg
    FROM unnest(legs_after_fill.legs) l
    WHERE (l.account, l.asset, l.mode, l.leg)
        = (fill.account, fill.asset, fill.mode, fill.leg);

    IF NOT FOUND THEN
        -- An unknown instrument has the defaults of the table.
        SELECT
            fill.account, pms.position_id(fill.account, fill.asset, fill.mode), fill.asset,
            fill.mode, fill.leg, coalesce(i.multiplier, 1),
            coalesce(i.kind, 'linear') = 'inverse', r.currency,
            0, 0, 0, 0, 0, 0, NULL::timestamptz, NULL::timestamptz, m.mark_price, m.priced_at,
            u.rate, 0, 0, FALSE, now(), now(), NULL::timestamptz
        INTO v_leg
        FROM (SELECT fill.asset AS asset) k
        LEFT JOIN pms.instruments i ON k.asset = i.asset
        LEFT JOIN pms.prices m ON k.asset = m.asset
        CROSS JOIN LATERAL (SELECT coalesce(i.settlement_currency, 'USDT') AS currency) r
        LEFT JOIN pms.usdt_rates u ON r.currency = u.currency;
    END IF;

    v_state := pms.next_leg(
        (
            v_leg.multiplier, v_leg.is_inverse, v_leg.size, v_leg.cost, v_leg.realized,
            v_leg.fees_open, v_leg.fees_close, v_leg.funding, v_leg.opened_at, v_leg.closed_at
        )::pms.leg_state,
        NULL, fill.kind, fill.quantity, fill.price, fill.fee, fill.amount, NULL, now()
    );

    v_leg.size := v_state.size;
    v_leg.cost := v_state.cost;
    v_leg.realized := v_state.realized;
    v_leg.fees_open := v_state.fees_open;
    v_leg.fees_close := v_state.fees_close;
    v_leg.funding := v_state.funding;
    v_leg.opened_at := v_state.opened_at;
    v_leg.closed_at := v_state.closed_at;
    v_leg.version := v_leg.version + 1;

    RETURN ARRAY(
        SELECT l
        FROM unnest(legs_after_fill.legs) l
        WHERE (l.account, l.asset, l.mode, l.leg)
            <> (fill.account, fill.asset, fill.mode, fill.leg)
    ) || v_leg;
END
$$;

ALTER FUNCTION pms.legs_after_fill(legs pms.priced_leg[], fill pms.order_event) OWNER TO pms_owner;

--
-- Name: FUNCTION legs_after_fill(legs pms.priced_leg[], fill pms.order_event); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.legs_after_fill(legs pms.priced_leg[], fill pms.order_event) IS 'The legs as they would be after one more fill, now

fill: as pms.parse_simulated_fill gives it. By the fold itself; nothing is written.';

--
-- Name: legs_as_of(timestamp with time zone, timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text DEFAULT NULL::text) RETURNS SETOF pms.priced_leg
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_until timestamptz;
BEGIN
    -- Nothing is accepted that is dated further ahead: what happened after that was not known
    -- then, and is not looked at.
    SELECT least(legs_as_of.at, legs_as_of.known_at + s.clock_skew_limit)
    INTO v_until
    FROM pms.settings s;

    RETURN QUERY
    -- Read several times, and estimated badly where they are used (ADR 0002).
    WITH held AS MATERIALIZED (
        SELECT
            p.account, p.position_id, p.asset, p.mode, p.leg, p.created_at, p.last_snapshot_at,
            i.multiplier,
            i.kind = 'inverse' AS is_inverse,
            i.settlement_currency,
            h.state,
            coalesce(h.version, g.version) AS version,
            coalesce(h.recorded_at, g.recorded_at) AS recorded_at
        FROM pms.positions p
        INNER JOIN pms.instruments i ON p.asset = i.asset
        CROSS JOIN LATERAL pms.leg_state_at(
            p.account, p.asset, p.mode, p.leg, v_until, legs_as_of.known_at
        ) h
        -- All that it had may be gone again: it is shown then, with nothing in it.
        LEFT JOIN LATERAL (
            SELECT max(e.version) AS version, max(e.recorded_at) AS recorded_at
            FROM pms.entries e
            WHERE h.ordinal = 0
                AND (e.account, e.asset, e.mode, e.leg) = (p.account, p.asset, p.mode, p.leg)
                AND e.executed_at <= v_until
                AND e.recorded_at <= legs_as_of.known_at
        ) g ON TRUE
        WHERE (legs_as_of.account IS NULL OR p.account = legs_as_of.account)
            AND (h.ordinal > 0 OR g.version IS NOT NULL)
    ),

    price AS MATERIALIZED (
        SELECT a.asset, m.mark_price, m.priced_at
        FROM (SELECT DISTINCT l.asset FROM held l) a
        CROSS JOIN LATERAL pms.price_at(a.asset, legs_as_of.at, legs_as_of.known_at) m
    ),

    rate AS MATERIALIZED (
        SELECT
            c.currency,
            pms.rate_at(c.currency, legs_as_of.at, legs_as_of.known_at) AS rate
        FROM (SELECT DISTINCT l.settlement_currency AS currency FROM held l) c
    ),

    unconverted AS MATERIALIZED (
        SELECT e.account, e.asset, e.mode, e.leg, count(*) AS fees
        FROM pms.entries e
        WHERE e.fee_native IS NOT NULL
            AND e.fee_rate IS NULL
            AND (legs_as_of.account IS NULL OR e.account = legs_as_of.account)
            AND e.executed_at <= v_until
            AND e.recorded_at <= legs_as_of.known_at
            AND NOT EXISTS (
                SELECT 1
                FROM pms.voids v
                WHERE v.account = e.account
                    AND v.entry_id = e.id
                    AND v.recorded_at <= legs_as_of.known_at
            )
        GROUP BY e.account, e.asset, e.mode, e.leg
    )

    SELECT
        l.account, l.position_id, l.asset, l.mode, l.leg,
        l.multiplier, l.is_inverse, l.settlement_currency,
        (l.state).size, (l.state).cost, (l.state).realized,
        (l.state).fees_open, (l.state).fees_close, (l.state).funding,
        (l.state).opened_at, (l.state).closed_at,
        m.mark_price, m.priced_at, r.rate,
        coalesce(u.fees, 0),
        l.version,
        FALSE,
        l.created_at,
        l.recorded_at,
        -- Looked up in all its months only when the newest one is not the answer.
        CASE
            WHEN l.last_snapshot_at <= legs_as_of.known_at THEN l.last_snapshot_at
            WHEN l.last_snapshot_at IS NOT NULL THEN (
                SELECT s.created_at
                FROM pms.snapshots s
                WHERE s.account = l.account
                    AND s.asset = l.asset
                    AND s.mode = l.mode
                    AND s.created_at <= legs_as_of.known_at
                ORDER BY s.created_at DESC
                LIMIT 1
            )
        END
    FROM held l
    LEFT JOIN price m ON l.asset = m.asset
    LEFT JOIN rate r ON l.settlement_currency = r.currency
    LEFT JOIN unconverted u
        ON (l.account, l.asset, l.mode, l.leg) = (u.account, u.asset, u.mode, u.leg);
END
$$;

ALTER FUNCTION pms.legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) IS 'The legs as they were at a moment, as known at another

at: of the events; known_at: of our knowledge; account: null is all accounts. A leg is listed once
one of its entries is. Its version and updated_at are those of its newest entry, because versions of
prices are not kept; needs_review is always false.';

--
-- Name: legs_from_ledger(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.legs_from_ledger(account text, asset text, mode text) RETURNS SETOF pms.folded_leg
    LANGUAGE sql STABLE
    AS $$
SELECT
    f.leg, f.entries, f.latest_at, (f.state).size, (f.state).cost, (f.state).realized,
    (f.state).fees_open, (f.state).fees_close, (f.state).funding, (f.state).opened_at,
    (f.state).closed_at
FROM (
    SELECT
        e.leg,
        count(*) AS entries,
        max(e.executed_at) AS latest_at,
        pms.fold(
            pms.empty_leg(i.multiplier, i.kind),
            e.kind, e.quantity, e.price, e.fee, e.amount, e.realized, e.executed_at
            ORDER BY e.executed_at, e.id
        ) AS state
    FROM pms.standing_entries e
    INNER JOIN pms.instruments i ON e.asset = i.asset
    WHERE (e.account, e.asset, e.mode)
        = (legs_from_ledger.account, legs_from_ledger.asset, legs_from_ledger.mode)
    GROUP BY e.leg
    -- Folds once, not for each column of the state (ADR 0002).
    OFFSET 0
) f
$$;

ALTER FUNCTION pms.legs_from_ledger(account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION legs_from_ledger(account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.legs_from_ledger(account text, asset text, mode text) IS 'The legs of a position according to their ledger

Folds every entry from the first: to check stored rows, not to answer requests. Raises class 22 when an entry
cannot be valued (an inverse contract at price 0).';

--
-- Name: legs_to_mark(pms.price_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.legs_to_mark(prices pms.price_event[]) RETURNS pms.leg_key[]
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF (SELECT s.price_event_interval > interval '0' FROM pms.settings s) THEN
        RETURN ARRAY[]::pms.leg_key[];
    END IF;

    RETURN ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM unnest(legs_to_mark.prices) e
        INNER JOIN pms.positions p ON e.asset = p.asset
        WHERE e.outcome = 'applied'
            AND p.size <> 0
    );
END
$$;

ALTER FUNCTION pms.legs_to_mark(prices pms.price_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION legs_to_mark(prices pms.price_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.legs_to_mark(prices pms.price_event[]) IS 'The open legs to mark in the transaction that stores their prices

prices: as pms.store_prices returns them. None, unless every price has an event: the others are left
to pms.mark_positions.';

--
-- Name: limit_json(pms.limit_state); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.limit_json(u pms.limit_state) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (u).id, 'scope', (u).scope, 'account', (u).account, 'asset', (u).asset, 'metric', (u).metric, 'limit', pms.decimal_text((u).breach_level), 'warn', pms.decimal_text((u).warn_level));

ALTER FUNCTION pms.limit_json(u pms.limit_state) OWNER TO pms_owner;

--
-- Name: FUNCTION limit_json(u pms.limit_state); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.limit_json(u pms.limit_state) IS 'A limit as the contract writes it, without its use

limit is the level of a breach, warn (or null) that of a warning.';

--
-- Name: limits; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.limits (
    account text DEFAULT '*'::text NOT NULL,
    asset text DEFAULT '*'::text NOT NULL,
    metric text NOT NULL,
    warn_level numeric,
    breach_level numeric NOT NULL,
    source text DEFAULT 'operator'::text NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    scope text GENERATED ALWAYS AS (
CASE
    WHEN (asset <> '*'::text) THEN 'asset'::text
    WHEN (account <> '*'::text) THEN 'account'::text
    ELSE 'portfolio'::text
END) STORED NOT NULL,
    id text GENERATED ALWAYS AS ((((
CASE
    WHEN (asset <> '*'::text) THEN 'asset/'::text
    WHEN (account <> '*'::text) THEN 'account/'::text
    ELSE 'portfolio/'::text
END ||
CASE
    WHEN (account = '*'::text) THEN ''::text
    ELSE (account || '/'::text)
END) ||
CASE
    WHEN (asset = '*'::text) THEN ''::text
    ELSE (asset || '/'::text)
END) || metric)) STORED NOT NULL,
    CONSTRAINT limits_account_is_name CHECK (((account = '*'::text) OR (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text))),
    CONSTRAINT limits_asset_is_symbol CHECK (((asset = '*'::text) OR (asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'::text))),
    CONSTRAINT limits_breach_level_in_range CHECK (((breach_level > (0)::numeric) AND (breach_level < '100000000000000000000'::numeric))),
    CONSTRAINT limits_history_is_of_all_assets CHECK (((metric <> ALL (ARRAY['drawdown'::text, 'daily_loss'::text])) OR (asset = '*'::text))),
    CONSTRAINT limits_metric_is_known CHECK ((metric = ANY (ARRAY['gross_exposure'::text, 'net_exposure'::text, 'position_size'::text, 'exposure_share'::text, 'drawdown'::text, 'daily_loss'::text]))),
    CONSTRAINT limits_position_size_is_of_an_asset CHECK (((metric <> 'position_size'::text) OR (asset <> '*'::text))),
    CONSTRAINT limits_share_is_ratio CHECK (((metric <> 'exposure_share'::text) OR (breach_level <= (1)::numeric))),
    CONSTRAINT limits_source_is_known CHECK ((source = ANY (ARRAY['operator'::text, 'settings'::text]))),
    CONSTRAINT limits_warn_level_below_breach CHECK (((warn_level > (0)::numeric) AND (warn_level <= breach_level)))
);

ALTER TABLE pms.limits OWNER TO pms_owner;

--
-- Name: TABLE limits; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.limits IS 'Risk limits with their warning and breach levels

account *: all accounts together; asset *: all assets. A value strictly above a level passes it.';

--
-- Name: COLUMN limits.source; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.limits.source IS 'settings: from PORTFOLIO_MAX_EXPOSURE_USDT, and removed with it.';

--
-- Name: limit_usage(pms.limits[], pms.limit_basis[], pms.equity_marks[], timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) RETURNS SETOF pms.limit_state
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH total AS (
          SELECT t.account,
             t.asset,
             t.long_size,
             t.short_size,
             t.exposure,
             t.net_exposure,
             t.net_pnl,
             max(t.exposure) FILTER (WHERE (t.asset = '*'::text)) OVER account AS whole,
             max(t.exposure) FILTER (WHERE (t.asset <> '*'::text)) OVER account AS largest
            FROM unnest(limit_usage.held) t(account, asset, long_size, short_size, exposure, net_exposure, net_pnl)
           WINDOW account AS (PARTITION BY t.account)
         ), measured AS (
          SELECT l.account,
             l.asset,
             l.metric,
             l.warn_level,
             l.breach_level,
             l.source,
             l.updated_at,
             l.scope,
             l.id,
             COALESCE(
                 CASE l.metric
                     WHEN 'gross_exposure'::text THEN c.exposure
                     WHEN 'net_exposure'::text THEN abs(c.net_exposure)
                     WHEN 'position_size'::text THEN GREATEST(c.long_size, c.short_size)
                     WHEN 'exposure_share'::text THEN
                     CASE
                         WHEN (c.whole > (0)::numeric) THEN pms.div_round(
                         CASE l.asset
                             WHEN '*'::text THEN c.largest
                             ELSE c.exposure
                         END, c.whole, 12)
                         ELSE NULL::numeric
                     END
                     WHEN 'drawdown'::text THEN (GREATEST(m.peak_net_pnl, c.net_pnl, (0)::numeric) - COALESCE(c.net_pnl, (0)::numeric))
                     WHEN 'daily_loss'::text THEN GREATEST((
                     CASE
                         WHEN (m.recorded_at < date_trunc('day'::text, limit_usage.at, 'UTC'::text)) THEN m.net_pnl
                         ELSE COALESCE(m.day_net_pnl, (0)::numeric)
                     END - COALESCE(c.net_pnl, (0)::numeric)), (0)::numeric)
                     ELSE NULL::numeric
                 END, (0)::numeric) AS value
            FROM ((unnest(limit_usage.limits) l(account, asset, metric, warn_level, breach_level, source, updated_at, scope, id)
              LEFT JOIN total c ON (((l.account = c.account) AND (l.asset = c.asset))))
              LEFT JOIN unnest(limit_usage.marks) m(account, began_at, recorded_at, net_pnl, peak_net_pnl, peak_at, day_net_pnl) ON ((l.account = m.account)))
         )
  SELECT u.id,
     u.scope,
     NULLIF(u.account, '*'::text) AS account,
     NULLIF(u.asset, '*'::text) AS asset,
     u.metric,
     trim_scale(u.warn_level) AS warn_level,
     trim_scale(u.breach_level) AS breach_level,
     trim_scale(u.value) AS value,
     trim_scale(pms.div_round(u.value, u.breach_level, 12)) AS utilisation,
         CASE
             WHEN (u.value > u.breach_level) THEN 'breach'::text
             WHEN (u.value > u.warn_level) THEN 'warn'::text
             ELSE 'ok'::text
         END AS level
    FROM measured u;
END;

ALTER FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) IS 'The value, utilization and level of each limit

Pure: held are the totals, marks what the history says; at is the moment that today is of. Values:
gross_exposure and net_exposure (not signed) in USDT; position_size: the larger side of an asset, a
quantity; exposure_share: of an asset in its account, of the largest one without an asset, a ratio;
drawdown: from the highest net PnL, in USDT; daily_loss: since the start of today (UTC),
in USDT. Capital that was added or taken out is neither gain nor loss. level: ok, warn or breach.';

--
-- Name: limit_usage_json(pms.limit_state); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.limit_usage_json(u pms.limit_state) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('value', pms.decimal_text((u).value), 'utilisation', pms.decimal_text((u).utilisation), 'level', (u).level);

ALTER FUNCTION pms.limit_usage_json(u pms.limit_state) OWNER TO pms_owner;

--
-- Name: FUNCTION limit_usage_json(u pms.limit_state); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.limit_usage_json(u pms.limit_state) IS 'How far a limit is used, as the contract writes it.';

--
-- Name: load_settings(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.load_settings(wanted jsonb) RETURNS void
    LANGUAGE sql
    AS $$
WITH loaded AS (
    UPDATE pms.settings s
    SET snapshot_interval = w.snapshot_interval,
        snapshot_retention = w.snapshot_retention,
        validation_interval = w.validation_interval,
        verification_interval = w.verification_interval,
        verification_period = w.verification_period,
        use_ws_avg_price = w.use_ws_avg_price,
        avg_price_diff_threshold = w.avg_price_diff_threshold,
        size_validation_threshold = w.size_validation_threshold,
        price_staleness_threshold = w.price_staleness_threshold,
        price_event_interval = w.price_event_interval,
        price_retention = w.price_retention,
        venue_adoption_delay = w.venue_adoption_delay,
        portfolio_history_interval = w.portfolio_history_interval,
        portfolio_history_retention = w.portfolio_history_retention,
        portfolio_max_exposure_usdt = w.portfolio_max_exposure_usdt,
        rate_limit_enabled = w.rate_limit_enabled,
        rate_limit_default = w.rate_limit_default,
        rate_limit_overrides = w.rate_limit_overrides
    FROM pms.settings held
    CROSS JOIN LATERAL jsonb_populate_record(
        held,
        -- The environment counts retention in days; a bare number of an interval is seconds.
        load_settings.wanted || jsonb_strip_nulls(
            jsonb_build_object(
                'snapshot_retention',
                (load_settings.wanted ->> 'snapshot_retention_days')::integer * interval '1 day',
                'price_event_interval',
                (load_settings.wanted ->> 'price_event_interval_ms')::integer
                * interval '1 millisecond',
                'price_retention',
                (load_settings.wanted ->> 'price_retention_days')::integer * interval '1 day',
                'portfolio_history_retention',
                (load_settings.wanted ->> 'portfolio_history_retention_days')::integer
                * interval '1 day'
            )
        )
    ) w
    RETURNING s.portfolio_max_exposure_usdt AS max_exposure_usdt
),

gone AS (
    DELETE FROM pms.limits l
    USING loaded n
    WHERE n.max_exposure_usdt IS NULL
        AND l.source = 'settings'
)

-- One of the limits like any other. A warning that an operator has set stays, where it can.
INSERT INTO pms.limits AS l (metric, breach_level, source)
SELECT 'gross_exposure', n.max_exposure_usdt, 'settings'
FROM loaded n
WHERE n.max_exposure_usdt IS NOT NULL
ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
SET breach_level = excluded.breach_level,
    warn_level = least(l.warn_level, excluded.breach_level),
    source = excluded.source,
    updated_at = now()
WHERE (l.breach_level, l.source) IS DISTINCT FROM (excluded.breach_level, excluded.source)
$$;

ALTER FUNCTION pms.load_settings(wanted jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION load_settings(wanted jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.load_settings(wanted jsonb) IS 'Load the settings of the environment, at deploy

wanted: names of contract.md, section 3, in lower case without prefix; intervals in seconds
(…_retention_days in days, …_interval_ms in milliseconds). A name that is missing keeps its value.
portfolio_max_exposure_usdt is kept as a row of pms.limits. Raises 23514 when a value is out of its
range.';

--
-- Name: lock_legs(pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.lock_legs(keys pms.leg_key[]) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_keys pms.leg_key[];
    v_new pms.leg_key[];
BEGIN
    -- The last check, whatever came before: no leg out of scope is locked.
    IF current_setting('pms.account_scope', TRUE) <> '' THEN
        PERFORM pms.require_account(k.account) FROM unnest(keys) k;
    END IF;

    SELECT
        array_agg(k::pms.leg_key),
        array_agg(k::pms.leg_key) FILTER (
            WHERE NOT EXISTS (
                SELECT 1
                FROM pms.positions p
                WHERE (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
            )
        )
    INTO v_keys, v_new
    FROM (SELECT DISTINCT u.account, u.asset, u.mode, u.leg FROM unnest(keys) u) k;

    IF v_new IS NOT NULL THEN
        INSERT INTO pms.instruments (asset)
        SELECT DISTINCT n.asset
        FROM unnest(v_new) n
        WHERE NOT EXISTS (SELECT 1 FROM pms.instruments i WHERE i.asset = n.asset)
        ORDER BY n.asset
        ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

        INSERT INTO pms.positions (account, asset, mode, leg, position_id)
        SELECT n.account, n.asset, n.mode, n.leg, pms.position_id(n.account, n.asset, n.mode)
        FROM unnest(v_new) n
        ORDER BY n.account, n.asset, n.mode, n.leg
        ON CONFLICT ON CONSTRAINT positions_pkey DO NOTHING;

        -- Without statistics every index with one column of the key looks equal, and a leg might be
        -- read by way of all legs of its mode until autovacuum comes (ADR 0002).
        IF (
            SELECT pg_relation_size(c.oid) > 2 * 8192 * greatest(c.relpages, 1)
            FROM pg_catalog.pg_class c
            WHERE c.oid = 'pms.positions'::regclass
        ) THEN
            -- Never waits: another writer, or autovacuum, is at it.
            ANALYZE (SKIP_LOCKED) pms.positions;
        END IF;
    END IF;

    RETURN pms.lock_stored_legs(v_keys);
END
$$;

ALTER FUNCTION pms.lock_legs(keys pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION lock_legs(keys pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.lock_legs(keys pms.leg_key[]) IS 'Lock the legs a batch may change, creating those that are new

Returns the time at which the coming change becomes known, see pms.lock_stored_legs. A leg created
here and never changed has version 0 and is not shown. Refuses with:
- 403 when a leg belongs to an account out of scope';

--
-- Name: lock_position(text, text, text, text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.lock_position(account text, asset text, mode text, legs text[] DEFAULT '{}'::text[]) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN pms.lock_legs(ARRAY(
        SELECT (lock_position.account, lock_position.asset, lock_position.mode, k.leg)::pms.leg_key
        FROM (
            SELECT p.leg
            FROM pms.positions p
            WHERE p.account = lock_position.account
                AND p.asset = lock_position.asset
                AND p.mode = lock_position.mode
            UNION
            SELECT e.leg
            FROM pms.entries e
            WHERE e.account = lock_position.account
                AND e.asset = lock_position.asset
                AND e.mode = lock_position.mode
            UNION
            SELECT l.leg
            FROM unnest(lock_position.legs) l (leg)
        ) k
    ));
END
$$;

ALTER FUNCTION pms.lock_position(account text, asset text, mode text, legs text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION lock_position(account text, asset text, mode text, legs text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.lock_position(account text, asset text, mode text, legs text[]) IS 'Lock the legs of a position, also one whose row was lost

Returns what pms.lock_legs returns. Creates no leg that has no entry, except legs.';

--
-- Name: lock_stored_legs(pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.lock_stored_legs(keys pms.leg_key[]) RETURNS timestamp with time zone
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN (
        SELECT greatest(clock_timestamp(), max(l.updated_at) + INTERVAL '1 microsecond')
        FROM (
            SELECT p.updated_at
            FROM pms.positions p
            INNER JOIN (SELECT DISTINCT u.account, u.asset, u.mode, u.leg FROM unnest(keys) u) k
                ON (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
            ORDER BY p.account, p.asset, p.mode, p.leg
            FOR UPDATE OF p
        ) l
    );
END
$$;

ALTER FUNCTION pms.lock_stored_legs(keys pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION lock_stored_legs(keys pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.lock_stored_legs(keys pms.leg_key[]) IS 'Lock legs that exist; return the time of their change

The row locks make two batches on one leg take turns. They are taken in the order of the key, so that
two batches never wait for each other. The time always rises for one leg, also when the clock is set
back.';

--
-- Name: maintain_partitions(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.maintain_partitions(progress jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_place integer := coalesce((progress ->> 'place')::integer, 1);
    v_done text := concat_ws(
        '; ',
        progress ->> 'done',
        (
            SELECT pms.maintain_table(t.parent, t.retention)
            FROM pms.partitioned_tables() t
            WHERE t.place = v_place
        )
    );
BEGIN
    RETURN (
        CASE
            WHEN EXISTS (SELECT 1 FROM pms.partitioned_tables() t WHERE t.place = v_place + 1)
                THEN jsonb_build_object('place', v_place + 1, 'done', v_done)
        END,
        v_done
    )::pms.job_step;
END
$$;

ALTER FUNCTION pms.maintain_partitions(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION maintain_partitions(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.maintain_partitions(progress jsonb) IS 'Make the months to come and drop those beyond retention: a step of the job, one table

Of every table in pms.partitioned_tables. Drops nothing that is younger than its retention.';

--
-- Name: maintain_table(regclass, interval, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.maintain_table(parent regclass, retention interval, ahead integer DEFAULT 2) RETURNS text
    LANGUAGE plpgsql
    SET lock_timeout TO '2s'
    AS $$
DECLARE
    v_since timestamptz := now() - retention;
    v_added text[];
    v_dropped text[];
BEGIN
    -- One at a time; readers and writers go on.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);

    -- In this order: dropping locks the table first, adding its default partition, and a reader goes
    -- from the one to the other.
    v_dropped := pms.drop_partitions(parent, v_since);
    v_added := pms.create_partitions(parent, ahead);

    RETURN format(
        '%s: %s', parent,
        concat_ws(
            ', ',
            'added ' || nullif(array_to_string(v_added, ' '), ''),
            'dropped ' || nullif(array_to_string(v_dropped, ' '), ''),
            CASE WHEN v_added = '{}' AND v_dropped = '{}' THEN 'nothing to do' END
        )
    );
END
$$;

ALTER FUNCTION pms.maintain_table(parent regclass, retention interval, ahead integer) OWNER TO pms_owner;

--
-- Name: FUNCTION maintain_table(parent regclass, retention interval, ahead integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.maintain_table(parent regclass, retention interval, ahead integer) IS 'Give a table the months to come, and drop those beyond retention

Whole months only: what is younger than retention stays. Says what it did. Raises 55P03 when the
table is in use for longer than 2 s; nothing has been done then.';

--
-- Name: mark_legs(pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.mark_legs(keys pms.leg_key[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_marked pms.marked_leg[];
BEGIN
    WITH valued AS MATERIALIZED (
        SELECT
            p.ctid AS place,
            m.mark_price,
            m.trace_id,
            CASE WHEN m.source IN ('api', 'price_api') THEN 'api' ELSE 'websocket' END AS cause,
            i.settlement_currency,
            p.exposure AS former_exposure,
            pms.leg_exposure(p.size, m.mark_price, i.multiplier, i.kind = 'inverse') AS exposure
        FROM unnest(mark_legs.keys) k
        INNER JOIN pms.positions p
            ON (k.account, k.asset, k.mode, k.leg) = (p.account, p.asset, p.mode, p.leg)
        INNER JOIN pms.prices m ON p.asset = m.asset
        INNER JOIN pms.instruments i ON p.asset = i.asset
        WHERE p.size <> 0
    ),

    changed AS (
        UPDATE pms.positions p
        SET current_price = v.mark_price,
            exposure = v.exposure,
            version = p.version + 1,
            -- It always rises, also when the clock is set back.
            updated_at = greatest(clock_timestamp(), p.updated_at + interval '1 microsecond')
        FROM valued v
        -- The row is locked: it stays in its place.
        WHERE p.ctid = v.place
        RETURNING (
            (p.account, p.asset, p.mode, p.leg, v.trace_id, p.needs_review)::pms.changed_leg,
            v.cause,
            (p.account, v.settlement_currency, v.exposure - v.former_exposure)::pms.exposure_change
        )::pms.marked_leg AS marked
    )

    SELECT array_agg(c.marked) INTO v_marked FROM changed c;

    PERFORM pms.add_exposures(ARRAY(SELECT m.exposure FROM unnest(v_marked) m));
    PERFORM pms.publish_position_events(array_agg(m.leg), m.cause)
    FROM unnest(v_marked) m
    GROUP BY m.cause;
END
$$;

ALTER FUNCTION pms.mark_legs(keys pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION mark_legs(keys pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.mark_legs(keys pms.leg_key[]) IS 'Mark legs with the newest price of their asset

The legs must be locked; those that are flat or have no price are left out. One version and one event
for each.';

--
-- Name: mark_positions(integer, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.mark_positions(at_most integer DEFAULT 1000, until timestamp with time zone DEFAULT clock_timestamp()) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    SET jit TO 'off'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
DECLARE
    v_seen pms.prices[];
    v_oldest_running xid8;
    v_keys pms.leg_key[];
BEGIN
    SELECT array_agg(m), pg_snapshot_xmin(pg_current_snapshot())
    INTO v_seen, v_oldest_running
    FROM pms.prices m
    WHERE NOT m.is_marked;

    IF v_seen IS NULL THEN
        RETURN 0;
    END IF;

    v_keys := ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM unnest(v_seen) m
        INNER JOIN pms.positions p ON m.asset = p.asset
        WHERE p.size <> 0
            AND p.current_price IS DISTINCT FROM m.mark_price
            -- Or of the future: the clock was set back.
            AND (p.updated_at < mark_positions.until OR p.updated_at > clock_timestamp())
        -- Legs of one account together: its exposure is computed once a step.
        ORDER BY p.account, p.asset
        LIMIT at_most
    );

    IF v_keys <> '{}' THEN
        PERFORM pms.lock_stored_legs(v_keys);
        -- Behind the locks: another marker, or a fill, may have been first.
        PERFORM pms.mark_legs(ARRAY(
            SELECT k
            FROM unnest(v_keys) k
            INNER JOIN pms.positions p
                ON (k.account, k.asset, k.mode, k.leg) = (p.account, p.asset, p.mode, p.leg)
            INNER JOIN pms.prices m ON p.asset = m.asset
            WHERE p.current_price IS DISTINCT FROM m.mark_price
        ));
    END IF;

    IF cardinality(v_keys) < at_most THEN
        -- A transaction under way may have read the former price, and hold a leg that is not visible
        -- yet. Every such transaction is older than this one. The price counts as marked in a later
        -- step that began when all older ones had ended.
        WITH unchanged AS (
            SELECT
                m.asset,
                coalesce(m.seen_before, pg_current_xact_id()) AS seen_before,
                coalesce(m.seen_before <= v_oldest_running, FALSE) AS is_marked
            FROM pms.prices m
            INNER JOIN unnest(v_seen) s ON m.asset = s.asset
            WHERE m.recorded_at = s.recorded_at
            -- Others lock a price first and legs afterwards: one that is locked is changing.
            FOR UPDATE OF m SKIP LOCKED
        )

        UPDATE pms.prices m
        SET seen_before = u.seen_before,
            is_marked = u.is_marked
        FROM unchanged u
        WHERE m.asset = u.asset;
    END IF;

    RETURN cardinality(v_keys);
END
$$;

ALTER FUNCTION pms.mark_positions(at_most integer, until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION mark_positions(at_most integer, until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.mark_positions(at_most integer, until timestamp with time zone) IS 'Mark open positions with prices they lack; return the number of legs

A step of a pass, until it returns 0. until: the time at which the pass began. A leg that has changed
since is left to the next pass, so that a pass marks each leg once, however often its price changes
meanwhile. A leg that has its price already, from a fill, is left out. Begin a pass at most once per
price_event_interval. Reads have the newest price at once: this updates the stored rows and publishes
them.';

--
-- Name: merge_account_totals(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.merge_account_totals(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE sql
    AS $$
WITH ended AS (
    SELECT t.account, t.writer, t.currency
    FROM pms.account_totals t
    WHERE t.writer <> 0
        AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.pid = t.writer)
    ORDER BY t.account, t.writer, t.currency
    LIMIT 10000
    -- A new session may have the number of one that ended.
    FOR UPDATE OF t SKIP LOCKED
),

taken AS (
    DELETE FROM pms.account_totals t
    USING ended e
    WHERE (t.account, t.writer, t.currency) = (e.account, e.writer, e.currency)
    RETURNING t.account, t.currency, t.exposure
),

merged AS (
    INSERT INTO pms.account_totals AS t (account, writer, currency, exposure)
    SELECT n.account, 0, n.currency, sum(n.exposure)
    FROM taken n
    GROUP BY n.account, n.currency
    ORDER BY n.account, n.currency
    ON CONFLICT ON CONSTRAINT account_totals_pkey DO UPDATE
    SET exposure = t.exposure + excluded.exposure
)

SELECT
    CASE WHEN count(*) = 10000 THEN jsonb_build_object('more', TRUE) END,
    CASE WHEN count(*) < 10000 THEN format('%s rows merged', count(*)) END
FROM taken
$$;

ALTER FUNCTION pms.merge_account_totals(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION merge_account_totals(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.merge_account_totals(progress jsonb) IS 'Merge the kept totals of sessions that have ended: a job, in steps of 10000 rows

The total of an account is the sum over its writers, so nothing changes for a reader.';

--
-- Name: merge_price_bars(pms.price_event[], timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO pms.price_bars AS h (
        asset, minute, open_price, open_at, open_recorded_at, high_price, low_price,
        close_price, close_at, close_recorded_at
    )
    SELECT
        m.asset,
        m.minute,
        m.marks[1],
        m.times[1],
        merge_price_bars.recorded_at,
        m.high,
        m.low,
        m.marks[m.prices],
        m.times[m.prices],
        merge_price_bars.recorded_at
    FROM (
        SELECT
            e.asset,
            e.minute,
            array_agg(e.mark_price ORDER BY e.priced_at, e.ordinal) AS marks,
            array_agg(e.priced_at ORDER BY e.priced_at, e.ordinal) AS times,
            max(e.mark_price) AS high,
            min(e.mark_price) AS low,
            count(*) AS prices
        FROM (
            SELECT
                p.asset, p.mark_price, p.priced_at, p.ordinal,
                date_bin('1 minute', p.priced_at, '2000-01-01 00:00:00+00') AS minute
            FROM unnest(merge_price_bars.prices) p
            WHERE p.outcome IS NULL
        ) e
        GROUP BY e.asset, e.minute
    ) m
    -- Two batches that meet write their rows in the same order.
    ORDER BY m.asset, m.minute
    ON CONFLICT ON CONSTRAINT price_bars_pkey DO UPDATE
    SET open_price = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_price
            ELSE h.open_price
        END,
        open_at = least(h.open_at, excluded.open_at),
        open_recorded_at = CASE
            WHEN excluded.open_at < h.open_at THEN excluded.open_recorded_at
            ELSE h.open_recorded_at
        END,
        high_price = greatest(h.high_price, excluded.high_price),
        low_price = least(h.low_price, excluded.low_price),
        close_price = CASE
            WHEN excluded.close_at >= h.close_at THEN excluded.close_price
            ELSE h.close_price
        END,
        close_at = greatest(h.close_at, excluded.close_at),
        close_recorded_at = CASE
            WHEN excluded.close_at > h.close_at
                OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
                THEN excluded.close_recorded_at
            ELSE h.close_recorded_at
        END
    -- A bar that would stay the same keeps the times at which it became known.
    WHERE excluded.open_at < h.open_at
        OR excluded.close_at > h.close_at
        OR (excluded.close_at = h.close_at AND excluded.close_price <> h.close_price)
        OR excluded.high_price > h.high_price
        OR excluded.low_price < h.low_price;
END
$$;

ALTER FUNCTION pms.merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone) IS 'Merge prices into the history, minute by minute

Takes those without an outcome. The caller holds the lock of their assets in pms.prices.';

--
-- Name: needs_reconciliation(pms.examination); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.needs_reconciliation(examined pms.examination) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
SELECT examined.objection IS NOT NULL
    OR examined.findings <> '{}'
    OR EXISTS (
        SELECT 1
        FROM pms.discrepancies d
        WHERE d.account = (examined.key).account
            AND d.asset = (examined.key).asset
            AND d.mode = (examined.key).mode
            AND d.status IN ('open', 'dismissed')
    )
$$;

ALTER FUNCTION pms.needs_reconciliation(examined pms.examination) OWNER TO pms_owner;

--
-- Name: FUNCTION needs_reconciliation(examined pms.examination); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.needs_reconciliation(examined pms.examination) IS 'Whether a position has findings now, or discrepancies that may have resolved since.';

--
-- Name: new_entry(text, text, text, text, text, text, numeric, timestamp with time zone, timestamp with time zone, text, text, text, numeric, numeric, text, numeric, numeric, numeric, numeric, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text DEFAULT NULL::text, price numeric DEFAULT NULL::numeric, fee numeric DEFAULT 0, fee_currency text DEFAULT NULL::text, fee_native numeric DEFAULT NULL::numeric, fee_rate numeric DEFAULT NULL::numeric, amount numeric DEFAULT NULL::numeric, realized numeric DEFAULT NULL::numeric, amends text DEFAULT NULL::text, cause text DEFAULT NULL::text, counter_account text DEFAULT NULL::text) RETURNS pms.entries
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT (
    account, NULL, asset, mode, leg, kind, identity, order_id, quantity, price,
    fee, fee_currency, fee_native, fee_rate, amount, realized, NULL, amends, cause,
    counter_account, executed_at, recorded_at, source, trace_id
)::pms.entries
$$;

ALTER FUNCTION pms.new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text, price numeric, fee numeric, fee_currency text, fee_native numeric, fee_rate numeric, amount numeric, realized numeric, amends text, cause text, counter_account text) OWNER TO pms_owner;

--
-- Name: FUNCTION new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text, price numeric, fee numeric, fee_currency text, fee_native numeric, fee_rate numeric, amount numeric, realized numeric, amends text, cause text, counter_account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text, price numeric, fee numeric, fee_currency text, fee_native numeric, fee_rate numeric, amount numeric, realized numeric, amends text, cause text, counter_account text) IS 'An entry to post, by the names of its columns

id and version are null: pms.post_entries assigns them.';

--
-- Name: next_leg(pms.leg_state, pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) RETURNS pms.leg_state
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $$
DECLARE
    v_value numeric;
    v_closing numeric;
    v_closing_value numeric;
    v_closing_fee numeric;
    v_released numeric;
BEGIN
    IF held.size IS NULL THEN
        held := initial;
    END IF;

    IF kind = 'funding' THEN
        held.funding := held.funding + amount;
        RETURN held;
    END IF;

    v_value := coalesce(amount, pms.contract_value(quantity, price, held.multiplier, held.is_inverse));

    IF kind IN ('opening', 'adjustment') THEN
        -- Absolute: the past of the leg does not matter. Opening or turning begins a new cycle.
        IF quantity = 0 THEN
            IF held.size <> 0 OR kind = 'opening' THEN
                held.closed_at := executed_at;
            END IF;
        ELSIF sign(quantity) <> sign(held.size) THEN
            held.opened_at := executed_at;
        END IF;
        held.size := quantity;
        held.cost := v_value;
        held.realized := held.realized + coalesce(realized, 0);
        RETURN held;
    ELSIF sign(held.size) <> -sign(quantity) THEN
        IF held.size = 0 THEN
            held.opened_at := executed_at;
        END IF;
        held.size := held.size + quantity;
        held.cost := held.cost + v_value;
        held.fees_open := held.fees_open + fee;
        RETURN held;
    ELSIF abs(quantity) <= abs(held.size) THEN
        v_released := CASE
            WHEN abs(quantity) = abs(held.size) THEN held.cost
            ELSE pms.div_round(held.cost * abs(quantity), abs(held.size), 18)
        END;
        held.realized := held.realized - v_value - v_released;
        held.cost := held.cost - v_released;
        held.size := held.size + quantity;
        held.fees_close := held.fees_close + fee;
    ELSE
        -- A flip: one fill, two parts. What opens is worth the whole less what closes, so that
        -- no rounding of the parts is lost between them.
        v_closing := -held.size;
        v_closing_value := CASE
            WHEN amount IS NULL
                THEN pms.contract_value(v_closing, price, held.multiplier, held.is_inverse)
            ELSE pms.div_round(amount * v_closing, quantity, 18)
        END;
        v_closing_fee := pms.div_round(
            fee * abs(v_closing), abs(quantity), 18
        );
        held.realized := held.realized - v_closing_value - held.cost;
        held.cost := v_value - v_closing_value;
        held.size := held.size + quantity;
        held.fees_close := held.fees_close + v_closing_fee;
        held.fees_open := held.fees_open + fee - v_closing_fee;
        held.opened_at := executed_at;
    END IF;

    IF held.size = 0 THEN
        held.closed_at := executed_at;
    ELSIF held.opened_at IS NULL THEN
        held.opened_at := executed_at;
    END IF;
    RETURN held;
END
$$;

ALTER FUNCTION pms.next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) IS 'The state of a leg after one more entry, at average cost

Pure: reads no table. Keeps, to the last digit, after every trade:
realized - cost = - sum of the values of all trades. amount is the value of an entry where that is
not quantity at price. opening and adjustment are absolute: the leg is that quantity, and cost that
amount; realized is the PnL that an opening carries over. initial: the state before the first entry;
later ones are ignored. Source: accounting.md, "State of a leg and the fold".';

--
-- Name: next_order_progress(pms.order_progress, pms.order_progress, boolean, text, numeric, numeric, numeric, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) RETURNS pms.order_progress
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    v_quantity numeric;
    v_cost numeric;
    v_fee numeric;
BEGIN
    IF applied.quantity IS NULL THEN
        applied := initial;
    END IF;
    applied.refusal := NULL;
    applied.step_quantity := 0;
    applied.step_price := NULL;
    applied.step_fee := 0;

    IF applied.party <> party THEN
        applied.refusal := 'order_conflict';
        RETURN applied;
    END IF;

    -- What the order has done by this event: a total says it, executions add up to it.
    IF is_cumulative THEN
        v_quantity := quantity;
        v_cost := quantity * price;
        -- A total without a fee does not know it; it does not say that the fee is zero.
        v_fee := coalesce(fee, applied.fee);
    ELSE
        applied.executed_quantity := applied.executed_quantity + quantity;
        applied.executed_cost := applied.executed_cost + quantity * price;
        applied.executed_fee := applied.executed_fee + coalesce(fee, 0);
        v_quantity := applied.executed_quantity;
        v_cost := applied.executed_cost;
        v_fee := applied.executed_fee;
    END IF;

    IF v_quantity <= applied.quantity THEN
        RETURN applied;
    END IF;

    -- Not the price of an execution itself: a total may have counted it already, and the new part
    -- is another one that came before it.
    applied.step_quantity := v_quantity - applied.quantity;
    applied.step_price := trim_scale(pms.div_round(
        v_cost - applied.cost, applied.step_quantity, 18
    ));
    applied.step_fee := v_fee - applied.fee;
    IF abs(applied.step_price) >= 1e20
        OR (applied.step_price <= 0 AND NOT allows_negative_price)
    THEN
        IF is_cumulative THEN
            -- Refused, it must not stand in the way of a total that is right.
            applied.refusal := 'inconsistent_total';
            RETURN applied;
        END IF;
        -- Executions out of order: the next step sets the cost right.
        applied.step_price := price;
    END IF;

    applied.party := coalesce(applied.party, party);
    applied.quantity := applied.quantity + applied.step_quantity;
    -- What the ledger will hold, not what the total says: the next step corrects the rounding of
    -- this one, however the events are split into batches.
    applied.cost := applied.cost + applied.step_quantity * applied.step_price;
    applied.fee := applied.fee + applied.step_fee;
    RETURN applied;
END
$$;

ALTER FUNCTION pms.next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) IS 'What an order has applied after one more event, and the step

Quantities are unsigned here. What an order has done is the larger of its newest total and the sum
of its executions; an event steps by what that exceeds the applied (quantity, cost and fee alike),
or by 0 when it does not: nothing counts twice, in whatever order totals and executions come. A
refused one changes nothing: order_conflict when the order belongs to another party,
inconsistent_total when the step would have an impossible price.';

--
-- Name: next_positions(pms.position_key, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.next_positions(after pms.position_key, size integer) RETURNS SETOF pms.position_key
    LANGUAGE sql STABLE
    AS $$
-- From key to key by index: neither table is read in full.
WITH RECURSIVE walk AS (
    SELECT
        coalesce((next_positions.after).account, '') AS account,
        coalesce((next_positions.after).asset, '') AS asset,
        coalesce((next_positions.after).mode, '') AS mode,
        0 AS place
    UNION ALL
    SELECT n.account, n.asset, n.mode, w.place + 1
    FROM walk w
    CROSS JOIN LATERAL (
        SELECT c.account, c.asset, c.mode
        FROM (
            (
                SELECT p.account, p.asset, p.mode
                FROM pms.positions p
                WHERE (p.account, p.asset, p.mode) > (w.account, w.asset, w.mode)
                ORDER BY p.account, p.asset, p.mode
                LIMIT 1
            )
            UNION ALL
            -- A row that was lost has entries still.
            (
                SELECT e.account, e.asset, e.mode
                FROM pms.entries e
                WHERE (e.account, e.asset, e.mode) > (w.account, w.asset, w.mode)
                ORDER BY e.account, e.asset, e.mode
                LIMIT 1
            )
            UNION ALL
            -- What only the venue knows.
            (
                SELECT v.account, v.asset, v.mode
                FROM pms.venue_positions v
                WHERE (v.account, v.asset, v.mode) > (w.account, w.asset, w.mode)
                ORDER BY v.account, v.asset, v.mode
                LIMIT 1
            )
        ) c
        ORDER BY c.account, c.asset, c.mode
        LIMIT 1
    ) n
    WHERE w.place < next_positions.size
)

SELECT w.account, w.asset, w.mode
FROM walk w
WHERE w.place > 0
ORDER BY w.place
$$;

ALTER FUNCTION pms.next_positions(after pms.position_key, size integer) OWNER TO pms_owner;

--
-- Name: FUNCTION next_positions(after pms.position_key, size integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.next_positions(after pms.position_key, size integer) IS 'The next positions after one, stored, lost or only reported

after null: from the first. At most `size`.';

--
-- Name: next_span_end(pms.position_key, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.next_span_end(key pms.position_key, since timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE sql STABLE
    AS $$
SELECT coalesce(
    (
        SELECT n.executed_at
        FROM pms.position_legs((next_span_end.key).mode) l
        CROSS JOIN LATERAL (
            SELECT c.executed_at
            FROM pms.checkpoints c
            WHERE (c.account, c.asset, c.mode, c.leg) = (
                    (next_span_end.key).account, (next_span_end.key).asset,
                    (next_span_end.key).mode, l.leg
                )
                AND c.known_to = 'infinity'
                AND c.executed_at > next_span_end.since
            ORDER BY c.executed_at, c.entry_id
            LIMIT 40
        ) n
        ORDER BY n.executed_at
        OFFSET 39
        LIMIT 1
    ),
    'infinity'
)
$$;

ALTER FUNCTION pms.next_span_end(key pms.position_key, since timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION next_span_end(key pms.position_key, since timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.next_span_end(key pms.position_key, since timestamp with time zone) IS 'The event time until which the pass verifies a position at once: about 10000 entries on.';

--
-- Name: next_trade_at(text, text, text, text, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone) RETURNS timestamp with time zone
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN coalesce(
        (
            SELECT e.executed_at
            FROM pms.standing_entries e
            WHERE (e.account, e.asset, e.mode, e.leg) = (
                    next_trade_at.account, next_trade_at.asset, next_trade_at.mode,
                    next_trade_at.leg
                )
                AND e.executed_at > next_trade_at.after
                AND e.kind <> 'funding'
            ORDER BY e.executed_at, e.id
            LIMIT 1
        ),
        'infinity'
    );
END
$$;

ALTER FUNCTION pms.next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone) IS 'Event time of the next entry of a leg that is not funding; infinity when there is none.';

--
-- Name: normalize_order_events(jsonb[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.normalize_order_events(messages jsonb[]) RETURNS TABLE(ordinal integer, trace_id text, is_status boolean, is_funding boolean, status text, is_dry_run text, account text, asset text, mode text, position_side text, order_id text, execution_id text, funding_id text, event_id text, side text, quantity text, price text, fee text, fee_currency text, amount text, executed_at text)
    LANGUAGE sql STABLE
    AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH body AS (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc,
        m.doc -> 'order' AS details,
        coalesce(m.doc ->> 'event_type', '') AS event_type
    FROM unnest(normalize_order_events.messages) WITH ORDINALITY m (doc, ordinal)
    OFFSET 0
),

-- A status event describes its order in details, and itself around them.
part AS (
    SELECT
        b.ordinal,
        b.doc,
        b.event_type,
        coalesce(b.details, b.doc) AS fields,
        CASE WHEN b.details IS NOT NULL THEN b.doc END AS envelope,
        b.details IS NOT NULL AS is_status,
        b.details IS NULL AND b.event_type = 'funding' AS is_funding
    FROM body b
    OFFSET 0
)

SELECT
    b.ordinal,
    left(b.doc ->> 'trace_id', 128),
    b.is_status,
    b.is_funding,
    lower(coalesce(b.fields ->> 'status', b.event_type)),
    coalesce(b.fields ->> 'is_dry_run', b.envelope ->> 'is_dry_run', 'false'),
    coalesce(b.fields ->> 'account', b.envelope ->> 'account', 'main'),
    upper(b.fields ->> 'asset'),
    lower(coalesce(b.fields ->> 'mode', b.envelope ->> 'mode')),
    lower(coalesce(b.fields ->> 'position_side', b.envelope ->> 'position_side')),
    coalesce(b.fields ->> 'order_id', b.fields ->> 'id'),
    coalesce(
        b.fields ->> 'execution_id', b.envelope ->> 'execution_id',
        b.fields ->> 'fill_id', b.envelope ->> 'fill_id'
    ),
    CASE WHEN b.is_funding THEN b.doc ->> 'funding_id' END,
    b.doc ->> 'event_id',
    lower(b.fields ->> 'side'),
    CASE
        WHEN b.is_status THEN b.fields ->> 'filled_quantity'
        ELSE coalesce(b.doc ->> 'execution_quantity', b.doc ->> 'filled_quantity')
    END,
    CASE
        WHEN b.is_status THEN b.fields ->> 'average_price'
        ELSE b.doc ->> 'execution_price'
    END,
    CASE
        WHEN b.is_status THEN b.fields ->> 'fees'
        ELSE coalesce(b.doc ->> 'execution_fees', b.doc ->> 'fees')
    END,
    upper(coalesce(b.fields ->> 'fee_currency', b.envelope ->> 'fee_currency')),
    CASE WHEN b.is_funding THEN b.doc ->> 'amount' END,
    coalesce(b.fields ->> 'executed_at', b.doc ->> 'timestamp', b.fields ->> 'updated_at')
FROM part b
OFFSET 0
$$;

ALTER FUNCTION pms.normalize_order_events(messages jsonb[]) OWNER TO pms_owner;

--
-- Name: FUNCTION normalize_order_events(messages jsonb[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.normalize_order_events(messages jsonb[]) IS 'The shapes of contract.md, section 2, brought to one row of texts per message

Each column is the field as the message writes it, or null; account and is_dry_run have their
defaults, and letters the case that matters.';

--
-- Name: normalize_venue_positions(jsonb[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.normalize_venue_positions(messages jsonb[]) RETURNS TABLE(ordinal integer, event_type text, trace_id text, account text, asset text, mode text, side text, size text, averages text[], marks text[], unrealized_pnl text, realized_pnl text, seq text, reported_at text)
    LANGUAGE sql STABLE
    AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
SELECT
    b.ordinal,
    b.doc ->> 'event_type',
    left(b.doc ->> 'trace_id', 128),
    coalesce(b.fields ->> 'account', 'main'),
    upper(b.fields ->> 'symbol'),
    lower(coalesce(b.fields ->> 'mode', b.fields -> 'raw' ->> 'positionIdx', '0')),
    lower(coalesce(b.fields ->> 'side', '')),
    b.fields ->> 'size',
    ARRAY[
        b.fields ->> 'avg_price', b.fields ->> 'avgPrice',
        b.fields -> 'raw' ->> 'avgPrice', b.fields -> 'raw' ->> 'entryPrice'
    ],
    ARRAY[b.fields ->> 'markPrice', b.fields ->> 'mark_price', b.fields -> 'raw' ->> 'markPrice'],
    coalesce(
        b.fields ->> 'unrealised_pnl', b.fields ->> 'unrealisedPnl',
        b.fields -> 'raw' ->> 'unrealisedPnl'
    ),
    coalesce(
        b.fields ->> 'realised_pnl', b.fields ->> 'realisedPnl',
        b.fields -> 'raw' ->> 'cumRealisedPnl'
    ),
    coalesce(b.fields ->> 'seq', b.fields -> 'raw' ->> 'seq'),
    coalesce(b.fields ->> 'timestamp', b.doc ->> 'timestamp')
FROM (
    SELECT
        m.ordinal::integer AS ordinal,
        m.doc,
        coalesce(m.doc -> 'payload', m.doc -> 'data') AS fields
    FROM unnest(normalize_venue_positions.messages) WITH ORDINALITY m (doc, ordinal)
    OFFSET 0
) b
OFFSET 0
$$;

ALTER FUNCTION pms.normalize_venue_positions(messages jsonb[]) OWNER TO pms_owner;

--
-- Name: FUNCTION normalize_venue_positions(messages jsonb[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.normalize_venue_positions(messages jsonb[]) IS 'The two shapes of contract.md, section 2, brought to one row of texts per report

averages, marks: the places where a price may stand, in the order of preference.';

--
-- Name: objection(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.objection(reason text, field text, message text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN ((((reason || ' '::text) || field) || ': '::text) || message);

ALTER FUNCTION pms.objection(reason text, field text, message text) OWNER TO pms_owner;

--
-- Name: FUNCTION objection(reason text, field text, message text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.objection(reason text, field text, message text) IS 'One rule of a list: a reason code, a field and a check of it

Null when the check has no message, so that coalesce() of such rules is the first objection.';

--
-- Name: objection_detail(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.objection_detail(objection text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substr(objection, (strpos(objection, ' '::text) + 1));

ALTER FUNCTION pms.objection_detail(objection text) OWNER TO pms_owner;

--
-- Name: FUNCTION objection_detail(objection text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.objection_detail(objection text) IS 'The field of an objection and what is wrong with it.';

--
-- Name: objection_reason(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.objection_reason(objection text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN split_part(objection, ' '::text, 1);

ALTER FUNCTION pms.objection_reason(objection text) OWNER TO pms_owner;

--
-- Name: FUNCTION objection_reason(objection text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.objection_reason(objection text) IS 'The reason code of an objection.';

--
-- Name: open_lots(text, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.open_lots(account text, asset text, mode text, leg text) RETURNS SETOF pms.open_lot
    LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 10
    SET search_path TO ''
    AS $$
DECLARE
    instrument pms.instruments;
    entry pms.entries;
    lot pms.open_lot;
    v_left numeric;
BEGIN
    SELECT p.size
    INTO v_left
    FROM pms.positions p
    WHERE (p.account, p.asset, p.mode, p.leg)
        = (open_lots.account, open_lots.asset, open_lots.mode, open_lots.leg);

    SELECT i.* INTO STRICT instrument FROM pms.instruments i WHERE i.asset = open_lots.asset;

    entry.executed_at := 'infinity';
    entry.id := 0;

    WHILE v_left <> 0
    LOOP
        FOR entry IN
            SELECT e.*
            FROM pms.standing_entries e
            WHERE (e.account, e.asset, e.mode, e.leg)
                = (open_lots.account, open_lots.asset, open_lots.mode, open_lots.leg)
                AND (e.executed_at, e.id) < (entry.executed_at, entry.id)
                AND e.kind <> 'funding'
            ORDER BY e.executed_at DESC, e.id DESC
            LIMIT 100
        LOOP
            IF sign(entry.quantity) = sign(v_left) THEN
                lot := (
                    entry.id, entry.executed_at,
                    sign(v_left) * least(abs(entry.quantity), abs(v_left)),
                    coalesce(
                        entry.amount,
                        pms.contract_value(
                            entry.quantity, entry.price, instrument.multiplier,
                            instrument.kind = 'inverse'
                        )
                    )
                );
                IF lot.quantity <> entry.quantity THEN
                    lot.cost := pms.div_round(lot.cost * lot.quantity, entry.quantity, 18);
                END IF;
                v_left := v_left - lot.quantity;
                RETURN NEXT lot;
            END IF;

            -- It states a size without its lots.
            IF entry.kind IN ('opening', 'adjustment') THEN
                RETURN;
            END IF;
            EXIT WHEN v_left = 0;
        END LOOP;

        -- The ledger holds less than the row. Validation finds the difference.
        EXIT WHEN NOT FOUND;
    END LOOP;
END
$$;

ALTER FUNCTION pms.open_lots(account text, asset text, mode text, leg text) OWNER TO pms_owner;

--
-- Name: FUNCTION open_lots(account text, asset text, mode text, leg text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) IS 'What a leg holds, first in first out, the newest lot first

The first unit bought is the first one sold, so the open lots are the newest entries of the leg''s own
side, as many as make its size; of the oldest of them a part, with its share of the value. An
opening or an adjustment states a size without its lots: it is one lot. Walks back from the newest
entry, as far as there are open lots. The lots make less than the size of the leg if its row differs
from its ledger.';

--
-- Name: order_message_identity(pms.order_message, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.order_message_identity(message pms.order_message, leg text) RETURNS text
    LANGUAGE sql STABLE
    AS $$
SELECT CASE
    WHEN message.is_funding
        THEN concat_ws(
            ':', 'funding', message.asset, message.mode_read, leg,
            extract(EPOCH FROM message.executed_at_read), message.funding_id
        )
    WHEN message.is_status
        THEN 'order:' || message.order_id || ':' || message.quantity_read
    WHEN message.execution_id IS NOT NULL THEN 'execution:' || message.execution_id
    WHEN message.event_id IS NOT NULL THEN 'event:' || message.event_id
    -- No id at all: the same order, time and amounts are the same fill; where there is
    -- no time either, the trace distinguishes two fills.
    ELSE concat_ws(
        ':', 'fill', message.order_id, message.side, message.quantity_read,
        message.price_read,
        coalesce(extract(EPOCH FROM message.executed_at_read)::text, message.trace_id)
    )
END
$$;

ALTER FUNCTION pms.order_message_identity(message pms.order_message, leg text) OWNER TO pms_owner;

--
-- Name: FUNCTION order_message_identity(message pms.order_message, leg text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.order_message_identity(message pms.order_message, leg text) IS 'The identity of the entry that an order event makes: the same fill always has the same one

Source: data-model.md, "Identity".';

--
-- Name: outbox_depth(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.outbox_depth() RETURNS bigint
    LANGUAGE sql STABLE
    AS $$
-- The relay deletes from the front: what lies between the ends is about what waits. A few are
-- counted, for there are gaps; a flood must not make health slow.
SELECT CASE
    WHEN e.span <= 10000 THEN (SELECT count(*) FROM pms.outbox)
    ELSE e.span
END
FROM (
    SELECT coalesce(max(o.sequence) - min(o.sequence) + 1, 0) AS span
    FROM pms.outbox o
) e
$$;

ALTER FUNCTION pms.outbox_depth() OWNER TO pms_owner;

--
-- Name: FUNCTION outbox_depth(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.outbox_depth() IS 'How many events wait for the broker

Exact up to 10000; beyond that an upper bound.';

--
-- Name: outcome_json(pms.outcome); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.outcome_json(o pms.outcome) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('ordinal', (o).ordinal, 'outcome', (o).outcome, 'reason', (o).reason, 'detail', (o).detail, 'trace_id', (o).trace_id);

ALTER FUNCTION pms.outcome_json(o pms.outcome) OWNER TO pms_owner;

--
-- Name: FUNCTION outcome_json(o pms.outcome); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.outcome_json(o pms.outcome) IS 'The outcome of one message, as the API answers it.';

--
-- Name: outcome_response(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.outcome_response(outcome jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF outcome ->> 'outcome' <> 'rejected' THEN
        RETURN outcome - 'ordinal';
    END IF;

    IF outcome ->> 'reason' = 'identity_conflict' THEN
        RETURN pms.error_response(
            409, 'CONFLICT', 'already recorded with other content',
            jsonb_build_object('reason', outcome -> 'reason', 'detail', outcome -> 'detail')
        );
    END IF;

    RETURN pms.error_response(
        400, 'VALIDATION_ERROR', outcome ->> 'detail',
        jsonb_build_object(
            'field', split_part(outcome ->> 'detail', ':', 1), 'reason', outcome -> 'reason'
        )
    );
END
$$;

ALTER FUNCTION pms.outcome_response(outcome jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION outcome_response(outcome jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.outcome_response(outcome jsonb) IS 'The answer to one event sent by hand

A rejected event becomes a refusal: 409 when it contradicts an earlier one, else 400.';

--
-- Name: parse_amendments(jsonb[], integer[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[]) RETURNS SETOF pms.amendment_event
    LANGUAGE sql STABLE
    AS $$
WITH checked AS (
    SELECT
        m.*,
        coalesce(
            pms.objection('invalid_account', 'account', pms.check_account(m.account)),
            pms.objection('execution_id_missing', 'execution_id', CASE
                WHEN m.amends IS NULL THEN 'missing, and so is the identity of an entry'
            END),
            pms.objection('invalid_identity', 'identity', CASE
                WHEN length(m.amends) NOT BETWEEN 1 AND 512 THEN 'must have 1 to 512 characters'
            END),
            pms.objection('not_amendable', 'identity', CASE
                WHEN m.amends LIKE 'transfer:%'
                    THEN 'a transfer has two sides; undo it by one in the other direction'
                WHEN m.amends LIKE 'correction:%' THEN 'name the fill itself, not its correction'
            END),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(m.amended_at, m.amended_at_read)
            ),
            pms.objection(
                'time_in_future', 'timestamp', pms.check_not_future(m.amended_at_read, s.latest)
            ),
            CASE WHEN m.cause = 'correction' THEN coalesce(
                pms.check_correction_message(m, EXISTS (
                    SELECT 1
                    FROM pms.entries e
                    INNER JOIN pms.instruments i ON e.asset = i.asset
                    WHERE e.account = m.account
                        AND e.identity = m.amends
                        AND i.allows_negative_price
                )),
                pms.objection(
                    'invalid_time', 'executed_at', pms.check_time(m.executed_at, m.executed_at_read)
                ),
                pms.objection(
                    'time_in_future', 'executed_at',
                    pms.check_not_future(m.executed_at_read, s.latest)
                )
            ) END
        ) AS objection
    FROM pms.read_amendment_messages(parse_amendments.messages, parse_amendments.ordinals) m
    CROSS JOIN (SELECT now() + c.clock_skew_limit AS latest FROM pms.settings c) s
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    -- An entry is busted once; a second bust of it says the same.
    c.cause || ':' || CASE c.cause WHEN 'bust' THEN c.amends ELSE c.correction_id END,
    c.amends,
    c.cause,
    c.side,
    c.quantity_read,
    c.price_read,
    c.fee_read,
    CASE WHEN c.cause = 'correction' THEN c.fee_currency END,
    c.executed_at_read,
    c.amended_at_read
FROM checked c
$$;

ALTER FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[]) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_amendments(messages jsonb[], ordinals integer[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[]) IS 'Busts and corrections, one row per message

ordinals: which of the messages. event_type trade_busted or trade_corrected; execution_id (or
fill_id), or identity as the ledger has it, names the entry. A correction names itself
(correction_id), when it was decided (timestamp), and any of side, execution_quantity,
execution_price, execution_fees with fee_currency, executed_at: what it does not name stays. A row
with an objection has its outcome, a reason code and a detail that names the field.';

--
-- Name: parse_argument(text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_argument(kind text, literal text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $_$
DECLARE
    v_value text;
BEGIN
    CASE kind
        WHEN 'account' THEN
            v_value := CASE WHEN pms.check_account(literal) IS NULL THEN literal END;
        WHEN 'asset' THEN
            v_value := CASE WHEN pms.check_asset(upper(literal)) IS NULL THEN upper(literal) END;
        WHEN 'mode' THEN
            v_value := CASE WHEN pms.check_mode(lower(literal)) IS NULL THEN lower(literal) END;
        WHEN 'decimal' THEN
            v_value := pms.parse_decimal(literal)::text;
        WHEN 'limit' THEN
            v_value := substring(literal FROM '^(?=.{1,9}$)0*(?:[1-9][0-9]{0,2}|1000)$');
        WHEN 'offset' THEN
            v_value := substring(literal FROM '^[0-9]{1,9}$');
        WHEN 'entry' THEN
            v_value := substring(literal FROM '^(?=.*[1-9])[0-9]{1,18}$');
        WHEN 'time' THEN
            v_value := pms.parse_moment(literal)::text;
        WHEN 'flag' THEN
            v_value := substring(lower(literal) FROM '^(?:true|false)$');
        WHEN 'uuid' THEN
            v_value := substring(lower(literal) FROM '^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$');
        WHEN 'status' THEN
            v_value := substring(
                lower(literal) FROM '^(?:open|fixed|accepted|dismissed|resolved|all)$'
            );
        WHEN 'note' THEN
            v_value := CASE
                WHEN length(literal) <= 500
                    THEN substring(literal FROM '^[[:alnum:] .,;:()/_+=@#%&?''"-]+$')
            END;
    END CASE;

    RETURN v_value;
END
$_$;

ALTER FUNCTION pms.parse_argument(kind text, literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_argument(kind text, literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_argument(kind text, literal text) IS 'The canonical form of an argument, or null when it is out of its range

Never raises. pms.argument_range has the same kinds.';

--
-- Name: parse_arguments(pms.argument[], text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_arguments(arguments pms.argument[], required text[] DEFAULT '{}'::text[]) RETURNS pms.arguments
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    argument pms.argument;
    parsed pms.arguments;
    v_names text[];
    v_literals text[];
    v_values text[];
    v_value text;
    v_objections jsonb := jsonb_build_object();
BEGIN
    FOREACH argument IN ARRAY parse_arguments.arguments LOOP
        v_value := NULL;
        IF argument.literal <> '' THEN
            v_value := pms.parse_argument(argument.kind, argument.literal);
            IF v_value IS NULL THEN
                v_objections := v_objections || jsonb_build_object(
                    argument.name, 'must be ' || pms.argument_range(argument.kind)
                );
            END IF;
        ELSIF argument.name = ANY(parse_arguments.required) THEN
            v_objections := v_objections || jsonb_build_object(
                argument.name, 'must be given: ' || pms.argument_range(argument.kind)
            );
        END IF;
        v_names := v_names || argument.name;
        v_literals := v_literals || argument.literal;
        v_values := v_values || v_value;
    END LOOP;

    parsed.given := jsonb_object(v_names, v_literals);
    parsed.value := jsonb_object(v_names, v_values);
    parsed.objections := nullif(v_objections, '{}');
    RETURN parsed;
END
$$;

ALTER FUNCTION pms.parse_arguments(arguments pms.argument[], required text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_arguments(arguments pms.argument[], required text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_arguments(arguments pms.argument[], required text[]) IS 'Parse and check the arguments of a request

arguments: name, kind and literal of each; a new parameter of a path is added here and to the
signature of its function. A literal that is null or '''' is absent. required: names of those that may
not be absent. Asset and mode match case-insensitively. Never raises: see objections.';

--
-- Name: parse_decimal(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_decimal(literal text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $_$
SELECT CASE
    -- What nearly all literals are comes first: in 20 characters the limits cannot be exceeded.
    WHEN length(literal) <= 20 AND literal ~ '^[+-]?[0-9]+\.?[0-9]*$'
        THEN trim_scale(literal::numeric)
    WHEN length(literal) <= 64
        AND (
            literal ~ '^[+-]?[0-9]*\.?[0-9]+$'
            OR literal ~ '^[+-]?[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9][0-9]?)?$'
        )
        THEN CASE
            WHEN abs(literal::numeric) < 1e20 AND scale(trim_scale(literal::numeric)) <= 18
                THEN trim_scale(literal::numeric)
        END
END
$_$;

ALTER FUNCTION pms.parse_decimal(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_decimal(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_decimal(literal text) IS 'A finite decimal within the limits of input, or null

|x| < 10^20, at most 18 fractional digits; never NaN, Infinity or an empty string. Source:
accounting.md, "Limits of input". Never raises: one bad literal must not cost a whole batch.';

--
-- Name: parse_decision(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_decision(id text, note text, encoded_note text) RETURNS pms.arguments
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    RETURN pms.parse_arguments(
        ARRAY[
            ('id', 'uuid', id),
            -- The gateway passes it as the URL has it; an undecodable one is refused by its name.
            (
                'note', 'note',
                CASE
                    WHEN encoded_note <> '' THEN coalesce(pms.url_decode(encoded_note), '!')
                    ELSE note
                END
            )
        ]::pms.argument[],
        '{id}'
    );
END
$$;

ALTER FUNCTION pms.parse_decision(id text, note text, encoded_note text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_decision(id text, note text, encoded_note text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_decision(id text, note text, encoded_note text) IS 'The arguments of a decision about a discrepancy

note: the reason; encoded_note: the same, as a URL has it; it wins over note.';

--
-- Name: parse_import_rows(jsonb, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_import_rows(positions jsonb, account text) RETURNS SETOF pms.imported_leg
    LANGUAGE sql STABLE
    AS $$
WITH literal AS (
    SELECT
        r.ordinal::integer AS ordinal,
        r.doc,
        coalesce(r.doc ->> 'account', parse_import_rows.account) AS account,
        upper(r.doc ->> 'asset') AS asset,
        lower(coalesce(r.doc ->> 'mode', 'one-way')) AS mode,
        coalesce(
            r.doc ->> 'last_updated', r.doc ->> 'closed_at', r.doc ->> 'created_at'
        ) AS executed_at
    FROM jsonb_array_elements(parse_import_rows.positions) WITH ORDINALITY r (doc, ordinal)
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.doc ->> 'size') AS size,
        pms.parse_decimal(l.doc ->> 'long_size') AS long_size,
        pms.parse_decimal(l.doc ->> 'short_size') AS short_size,
        pms.parse_decimal(l.doc ->> 'average_entry_price') AS average_price,
        pms.parse_decimal(l.doc ->> 'current_price') AS current_price,
        pms.parse_decimal(coalesce(l.doc ->> 'realized_pnl', '0')) AS realized,
        pms.parse_time(l.executed_at) AS executed_at_read
    FROM literal l
),

-- Where a row does not name the legs of a hedge, the sign of its size does.
checked AS (
    SELECT
        h.*,
        coalesce(
            'account: ' || pms.check_account(coalesce(h.account, '')),
            'asset: ' || pms.check_asset(h.asset),
            'mode: ' || pms.check_mode(h.mode),
            CASE
                WHEN h.size IS NULL
                    THEN 'size: missing, or no decimal of at most 18 fractional digits'
            END,
            'realized_pnl: ' || pms.check_decimal(h.realized),
            'last_updated: ' || pms.check_time(h.executed_at, h.executed_at_read),
            'last_updated: ' || pms.check_not_future(
                h.executed_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            ),
            CASE
                WHEN h.mode = 'one-way' THEN NULL
                WHEN h.long < 0 OR h.short < 0 THEN 'long_size, short_size: must not be negative'
                WHEN h.long - h.short <> h.size THEN 'size: is not long_size - short_size'
                WHEN h.long <> 0 AND h.short <> 0
                    THEN 'average_entry_price: one for two open legs, what each cost is not known'
            END,
            'average_entry_price: ' || CASE
                WHEN h.size <> 0 THEN pms.check_positive(h.average_price)
            END
        ) AS objection
    FROM (
        SELECT
            t.*,
            coalesce(t.long_size, greatest(t.size, 0)) AS long,
            coalesce(t.short_size, greatest(-t.size, 0)) AS short
        FROM typed t
        -- Computes each expression once (ADR 0002).
        OFFSET 0
    ) h
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    c.objection,
    c.account,
    c.asset,
    c.mode,
    -- One leg at most is open; what was earned is its.
    CASE
        WHEN c.objection IS NOT NULL THEN NULL
        WHEN c.mode = 'one-way' THEN 'net'
        WHEN c.short <> 0 THEN 'short'
        ELSE 'long'
    END,
    c.size,
    CASE WHEN c.size <> 0 THEN c.average_price END,
    c.realized,
    CASE WHEN c.current_price > 0 THEN c.current_price END,
    c.executed_at_read
FROM checked c
ORDER BY c.ordinal
$$;

ALTER FUNCTION pms.parse_import_rows(positions jsonb, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_import_rows(positions jsonb, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_import_rows(positions jsonb, account text) IS 'The rows of an older positions table, one leg each

Columns of the seed: asset, mode, size, average_entry_price, current_price, realized_pnl,
long_size, short_size, last_updated, closed_at, created_at, and account if there is one; asset and
size are required. Never raises for a bad row: it is rejected, and detail names the column.';

--
-- Name: parse_json(bytea); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_json(body bytea) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    RETURN convert_from(body, 'UTF8')::jsonb;
EXCEPTION
    -- Not UTF-8, not JSON, or with a character that jsonb does not take.
    WHEN data_exception THEN
        RETURN NULL;
END
$$;

ALTER FUNCTION pms.parse_json(body bytea) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_json(body bytea); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_json(body bytea) IS 'A message as JSON; null if it is not JSON.';

--
-- Name: parse_moment(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_moment(literal text) RETURNS timestamp with time zone
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT least(
    greatest(t.moment, '0001-01-01T00:00:00Z'::timestamptz),
    '9999-12-31T23:59:59.999999Z'::timestamptz
)
FROM (SELECT pms.parse_time(upper(parse_moment.literal)) AS moment) t
WHERE t.moment IS NOT NULL
$$;

ALTER FUNCTION pms.parse_moment(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_moment(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_moment(literal text) IS 'The moment of an argument, or null when it is not a time

A moment that its zone moves out of the years 1 to 9999 becomes the first or the last of them: an
answer repeats the moment, and could not write another.';

--
-- Name: parse_order_events(jsonb[], boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean) RETURNS SETOF pms.order_event
    LANGUAGE sql STABLE
    AS $$
WITH checked AS (
    SELECT
        m.*,
        CASE WHEN m.mode_read = 'hedge' THEN m.side_read ELSE 'net' END AS leg,
        coalesce(
            pms.unapplied_order_message(m),
            pms.check_order_message(
                m,
                EXISTS (
                    SELECT 1
                    FROM pms.instruments i
                    WHERE i.asset = m.asset
                        AND i.allows_negative_price
                ),
                (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            )
        ) AS objection,
        pms.order_message_identity(
            m, CASE WHEN m.mode_read = 'hedge' THEN m.side_read ELSE 'net' END
        ) AS identity
    FROM pms.read_order_messages(parse_order_events.messages, parse_order_events.has_bad_times) m
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE pms.objection_reason(c.objection)
        WHEN 'dry_run' THEN 'ignored'
        WHEN 'nothing_filled' THEN 'ignored'
        WHEN 'amendment' THEN 'deferred'
        ELSE CASE WHEN c.objection IS NOT NULL THEN 'rejected' END
    END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    c.asset,
    c.mode_read,
    c.leg,
    CASE WHEN c.is_funding THEN 'funding' ELSE 'trade' END,
    c.identity,
    c.order_id,
    c.is_status,
    CASE
        WHEN c.is_funding THEN 0
        WHEN c.side = 'sell' THEN -c.quantity_read
        ELSE c.quantity_read
    END,
    CASE WHEN NOT c.is_funding THEN c.price_read END,
    CASE WHEN c.is_funding THEN 0 ELSE c.fee_read END,
    -- Null is the settlement currency, named or not.
    CASE
        WHEN c.fee_currency IS NULL OR c.is_funding THEN NULL
        ELSE nullif(
            c.fee_currency,
            coalesce(
                (SELECT i.settlement_currency FROM pms.instruments i WHERE i.asset = c.asset),
                'USDT'
            )
        )
    END,
    CASE WHEN c.is_funding THEN c.amount_read END,
    c.executed_at_read,
    NULL::pms.order_progress
FROM checked c
$$;

ALTER FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_order_events(messages jsonb[], has_bad_times boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean) IS 'Order events as the ledger sees them, one row per message

Reads the four shapes of contract.md, section 2, and funding: asset, mode, position_side, amount in
the settlement currency (+ received, - paid), funding_id and executed_at, which together identify
it. A row with an objection has its outcome (ignored or rejected), a reason code and a detail that
names the field. A status event is cumulative: quantity, price and fee are the totals of its order.
Busts and corrections are deferred: see pms.parse_amendments. Never raises for a bad message when
has_bad_times is true; otherwise class 22 for a time that looks like one and is none.';

--
-- Name: parse_positive(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_positive(literal text) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN NULLIF(GREATEST(pms.parse_decimal(literal), (0)::numeric), (0)::numeric);

ALTER FUNCTION pms.parse_positive(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_positive(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_positive(literal text) IS 'As pms.parse_decimal, but null for zero and less.';

--
-- Name: parse_prices(jsonb[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_prices(messages jsonb[], source text) RETURNS SETOF pms.price_event
    LANGUAGE sql STABLE
    AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH literal AS (
    SELECT
        b.ordinal,
        b.trace_id,
        b.event_type,
        upper(b.fields ->> 'symbol') AS asset,
        coalesce(
            b.fields ->> 'mark_price', b.fields ->> 'markPrice',
            b.fields ->> 'last_price', b.fields ->> 'lastPrice'
        ) AS mark_price,
        coalesce(b.fields ->> 'timestamp', b.doc ->> 'timestamp') AS priced_at
    FROM (
        SELECT
            m.ordinal::integer AS ordinal,
            m.doc,
            m.doc ->> 'event_type' AS event_type,
            left(m.doc ->> 'trace_id', 128) AS trace_id,
            coalesce(m.doc -> 'payload', m.doc -> 'data') AS fields
        FROM unnest(parse_prices.messages) WITH ORDINALITY m (doc, ordinal)
        OFFSET 0
    ) b
    OFFSET 0
),

typed AS (
    SELECT
        l.*,
        pms.parse_decimal(l.mark_price) AS mark_price_read,
        pms.parse_time(l.priced_at) AS priced_at_read
    FROM literal l
    OFFSET 0
),

checked AS (
    SELECT
        t.*,
        coalesce(
            pms.objection('unknown_event', 'event_type', CASE
                WHEN t.event_type IS DISTINCT FROM 'ticker' THEN 'must be ticker'
            END),
            pms.objection('invalid_asset', 'symbol', pms.check_asset(t.asset)),
            pms.objection('invalid_price', 'mark_price', pms.check_price(
                t.mark_price_read,
                EXISTS (
                    SELECT 1
                    FROM pms.instruments i
                    WHERE i.asset = t.asset
                        AND i.allows_negative_price
                )
            )),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(t.priced_at, t.priced_at_read)
            ),
            pms.objection('time_in_future', 'timestamp', pms.check_not_future(
                t.priced_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            ))
        ) AS objection
    FROM typed t
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.asset,
    c.mark_price_read,
    coalesce(c.priced_at_read, clock_timestamp()),
    parse_prices.source
FROM checked c
$$;

ALTER FUNCTION pms.parse_prices(messages jsonb[], source text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_prices(messages jsonb[], source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_prices(messages jsonb[], source text) IS 'Ticker messages as prices, one row per message

Source: contract.md, section 2, "Ticker". A price without a time is current. Never raises: a bad
message is rejected, with a reason code and a detail that names the field.';

--
-- Name: parse_simulated_fill(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_simulated_fill(given jsonb) RETURNS pms.order_event
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    -- An argument that is empty is absent.
    v_given jsonb := (
        SELECT coalesce(jsonb_object_agg(g.key, g.value), '{}')
        FROM jsonb_each_text(parse_simulated_fill.given) g
        WHERE g.value <> ''
    );
    v_mark numeric;
    v_fill pms.order_event;
BEGIN
    IF NOT v_given ? 'price' THEN
        SELECT m.mark_price
        INTO v_mark
        FROM pms.prices m
        WHERE m.asset = upper(v_given ->> 'asset');
    END IF;

    SELECT e.*
    INTO STRICT v_fill
    FROM pms.parse_order_events(
        ARRAY[
            -- The way that a real one comes: what is refused there is refused here.
            jsonb_strip_nulls(
                jsonb_build_object(
                    'event_type', 'order_executed',
                    'execution_id', 'hypothetical',
                    'account', v_given -> 'account',
                    'asset', v_given -> 'asset',
                    'mode', v_given -> 'mode',
                    'position_side', v_given -> 'position_side',
                    'side', v_given -> 'side',
                    'execution_quantity', v_given -> 'quantity',
                    'execution_price', coalesce(v_given -> 'price', to_jsonb(v_mark::text)),
                    'execution_fees', coalesce(v_given -> 'fee', '"0"')
                )
            )
        ],
        FALSE
    ) e;

    IF lower(v_given ->> 'position_side') NOT IN ('long', 'short')
        AND coalesce(v_fill.reason, '') NOT IN ('invalid_account', 'invalid_asset', 'invalid_mode')
    THEN
        v_fill.outcome := 'rejected';
        v_fill.detail := 'position_side: must be long or short';
    ELSIF v_fill.reason = 'invalid_price' AND NOT v_given ? 'price' THEN
        v_fill.detail := 'price: must be given, there is no mark price to take for it';
    END IF;

    v_fill.detail := regexp_replace(
        replace(v_fill.detail, 'execution_fees:', 'fee:'), '^execution_', ''
    );
    RETURN v_fill;
END
$$;

ALTER FUNCTION pms.parse_simulated_fill(given jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_simulated_fill(given jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_simulated_fill(given jsonb) IS 'A simulated fill, parsed as if it had arrived

given: account, asset, mode, position_side, side, quantity, price (absent: the mark price), fee (in
the settlement currency). A refused fill has outcome rejected, and a detail: field: what it must
be. Never raises.';

--
-- Name: parse_time(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_time(literal text) RETURNS timestamp with time zone
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE
    AS $_$
BEGIN
    RETURN pms.parse_time_strict(literal);
EXCEPTION
    WHEN invalid_time_zone_displacement_value THEN
        -- PostgreSQL's zones end at 15:59, those of RFC 3339 at 23:59.
        RETURN CASE
            WHEN literal ~ '[+-](?:1[6-9]|2[0-3]):[0-5][0-9]$'
                THEN pms.parse_time(left(literal, -6)) - right(literal, 6)::interval
        END;
    WHEN datetime_field_overflow OR invalid_datetime_format THEN
        RETURN NULL;
END
$_$;

ALTER FUNCTION pms.parse_time(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_time(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_time(literal text) IS 'An ISO 8601 time, or null when it is not one

Without a zone it is UTC. Never raises: one bad literal must not cost a whole batch.';

--
-- Name: parse_time_strict(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_time_strict(literal text) RETURNS timestamp with time zone
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $_$
SELECT CASE
    -- Keeps out what PostgreSQL would also take as a time: now, infinity, local formats.
    WHEN literal NOT LIKE '____-__-__T__:__%' AND literal NOT LIKE '____-__-__ __:__%'
        OR literal !~ '^[0-9TZ:.+ -]+$'
        THEN NULL
    -- Upstream services that name no zone mean UTC.
    WHEN literal LIKE '%Z' OR substr(literal, 12) ~ '[+-]' THEN literal::timestamptz
    ELSE literal::timestamp AT TIME ZONE 'UTC'
END
$_$;

ALTER FUNCTION pms.parse_time_strict(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_time_strict(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_time_strict(literal text) IS 'An ISO 8601 time, or null when it does not look like one

Without a zone it is UTC. Raises class 22 when it looks like one and is none, such as a 13th month:
who must not fail over it asks pms.parse_time, at several times the price.';

--
-- Name: parse_transfer(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_transfer(given jsonb) RETURNS pms.transfer
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    named pms.arguments := pms.parse_arguments(
        ARRAY[
            ('asset', 'asset', given ->> 'asset'),
            ('mode', 'mode', given ->> 'mode'),
            ('from_account', 'account', given ->> 'from_account'),
            ('to_account', 'account', given ->> 'to_account')
        ]::pms.argument[],
        '{asset,from_account,to_account}'
    );
    v_side text := lower(nullif(given ->> 'position_side', ''));
    v_transfer pms.transfer;
    v_allows_negative boolean := coalesce(
        (
            SELECT i.allows_negative_price
            FROM pms.instruments i
            WHERE i.asset = named.value ->> 'asset'
        ),
        FALSE
    );
BEGIN
    v_transfer.transfer_id := given ->> 'transfer_id';
    v_transfer.asset := named.value ->> 'asset';
    -- As of a fill: a side stands for the hedge mode.
    v_transfer.mode := coalesce(
        named.value ->> 'mode', CASE WHEN v_side IS NULL THEN 'one-way' ELSE 'hedge' END
    );
    v_transfer.leg := CASE v_transfer.mode WHEN 'one-way' THEN 'net' ELSE v_side END;
    v_transfer.from_account := named.value ->> 'from_account';
    v_transfer.to_account := named.value ->> 'to_account';
    v_transfer.quantity := pms.parse_decimal(given ->> 'quantity');
    v_transfer.price := pms.parse_decimal(given ->> 'price');

    SELECT jsonb_object_agg(o.field, o.message)
    INTO v_transfer.objections
    FROM (
        SELECT r.key AS field, r.value AS message
        FROM jsonb_each_text(named.objections) r
        UNION ALL
        SELECT c.field, c.message
        FROM (
            VALUES
            ('transfer_id', pms.check_id(coalesce(v_transfer.transfer_id, ''))),
            (
                'to_account',
                CASE
                    WHEN nullif(given ->> 'to_account', '')
                        IS NOT DISTINCT FROM nullif(given ->> 'from_account', '')
                        THEN 'must be another account than from_account'
                END
            ),
            (
                'position_side',
                CASE
                    WHEN NOT coalesce(named.objections ? 'mode', FALSE)
                        AND (
                            v_transfer.mode = 'one-way' AND v_side IS NOT NULL
                            OR v_transfer.mode = 'hedge'
                            AND coalesce(v_side, '') NOT IN ('long', 'short')
                        )
                        THEN 'must be long or short in hedge mode, absent in one-way mode'
                END
            ),
            ('quantity', pms.check_positive(v_transfer.quantity)),
            (
                'price',
                CASE
                    WHEN given ->> 'price' IS NOT NULL
                        THEN pms.check_price(v_transfer.price, v_allows_negative)
                END
            )
        ) c (field, message)
        WHERE c.message IS NOT NULL
    ) o;

    RETURN v_transfer;
END
$$;

ALTER FUNCTION pms.parse_transfer(given jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_transfer(given jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_transfer(given jsonb) IS 'Parse and check the fields of a transfer

given: literals by name; null is absent. Never raises: see objections.';

--
-- Name: parse_venue_positions(jsonb[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.parse_venue_positions(messages jsonb[]) RETURNS SETOF pms.venue_report
    LANGUAGE sql STABLE
    AS $_$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH typed AS (
    SELECT
        n.*,
        pms.parse_decimal(n.size) AS size_read,
        coalesce(
            pms.parse_positive(n.averages[1]), pms.parse_positive(n.averages[2]),
            pms.parse_positive(n.averages[3]), pms.parse_positive(n.averages[4])
        ) AS average_price,
        coalesce(
            pms.parse_positive(n.marks[1]), pms.parse_positive(n.marks[2]),
            pms.parse_positive(n.marks[3])
        ) AS mark_price,
        pms.parse_decimal(n.unrealized_pnl) AS unrealized_pnl_read,
        pms.parse_decimal(n.realized_pnl) AS realized_pnl_read,
        CASE WHEN n.seq ~ '^[0-9]{1,18}$' THEN n.seq::bigint END AS seq_read,
        pms.parse_time(n.reported_at) AS reported_at_read
    FROM pms.normalize_venue_positions(parse_venue_positions.messages) n
    OFFSET 0
),

checked AS (
    SELECT
        t.*,
        CASE WHEN t.side = 'sell' THEN -t.size_read ELSE t.size_read END AS signed_size,
        coalesce(
            pms.objection('unknown_event', 'event_type', CASE
                WHEN t.event_type IS DISTINCT FROM 'position' THEN 'must be position'
            END),
            pms.objection('invalid_account', 'account', pms.check_account(t.account)),
            pms.objection('invalid_asset', 'symbol', pms.check_asset(t.asset)),
            pms.objection('invalid_mode', 'mode', CASE
                WHEN t.mode NOT IN ('0', 'one-way', '1', '2')
                    THEN 'must be 0, one-way, 1 (long leg) or 2 (short leg)'
            END),
            pms.objection('invalid_size', 'size', pms.check_nonnegative(t.size_read)),
            pms.objection('invalid_side', 'side', CASE
                WHEN t.side NOT IN ('buy', 'sell', '', 'none') THEN 'must be buy, sell or empty'
                WHEN t.size_read = 0 THEN NULL
                WHEN t.side NOT IN ('buy', 'sell') THEN 'an open position must say buy or sell'
                WHEN (t.mode, t.side) IN (('1', 'sell'), ('2', 'buy'))
                    THEN 'contradicts the leg that mode names'
            END),
            pms.objection('invalid_unrealized_pnl', 'unrealised_pnl', CASE
                WHEN t.unrealized_pnl IS NOT NULL AND t.unrealized_pnl_read IS NULL
                    THEN 'must be a decimal'
            END),
            pms.objection('invalid_realized_pnl', 'realised_pnl', CASE
                WHEN t.realized_pnl IS NOT NULL AND t.realized_pnl_read IS NULL
                    THEN 'must be a decimal'
            END),
            pms.objection('invalid_seq', 'seq', CASE
                WHEN t.seq IS NOT NULL AND t.seq_read IS NULL THEN 'must be a whole number'
            END),
            pms.objection(
                'invalid_time', 'timestamp', pms.check_time(t.reported_at, t.reported_at_read)
            ),
            pms.objection('time_in_future', 'timestamp', pms.check_not_future(
                t.reported_at_read, (SELECT now() + s.clock_skew_limit FROM pms.settings s)
            ))
        ) AS objection
    FROM typed t
    OFFSET 0
)

SELECT
    c.ordinal,
    CASE WHEN c.objection IS NOT NULL THEN 'rejected' END,
    pms.objection_reason(c.objection),
    pms.objection_detail(c.objection),
    c.trace_id,
    c.account,
    c.asset,
    CASE WHEN c.mode IN ('1', '2') THEN 'hedge' ELSE 'one-way' END,
    CASE c.mode WHEN '1' THEN 'long' WHEN '2' THEN 'short' ELSE 'net' END,
    c.signed_size,
    c.average_price,
    coalesce(
        c.mark_price,
        pms.implied_mark(
            c.signed_size, c.average_price, c.unrealized_pnl_read, coalesce(i.multiplier, 1),
            coalesce(i.kind = 'inverse', FALSE)
        )
    ),
    c.unrealized_pnl_read,
    c.realized_pnl_read,
    c.seq_read,
    coalesce(c.reported_at_read, clock_timestamp())
FROM checked c
LEFT JOIN pms.instruments i ON c.asset = i.asset
$_$;

ALTER FUNCTION pms.parse_venue_positions(messages jsonb[]) OWNER TO pms_owner;

--
-- Name: FUNCTION parse_venue_positions(messages jsonb[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.parse_venue_positions(messages jsonb[]) IS 'Position reports of the venue, one row per message

Both shapes of contract.md, section 2: snake_case under payload, camelCase under data. A
reported zero is a value, not an absence. Never raises: a bad message is rejected, with a reason
code and a detail that names the field.';

--
-- Name: partitioned_tables(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.partitioned_tables() RETURNS TABLE(place integer, parent regclass, retention interval)
    LANGUAGE sql STABLE
    AS $$
SELECT t.place, t.parent, t.retention
FROM pms.settings s
CROSS JOIN LATERAL (
    VALUES
    (1, 'pms.snapshots'::regclass, s.snapshot_retention),
    (2, 'pms.portfolio_history', s.portfolio_history_retention),
    (3, 'pms.audit', interval '400 days')
) t (place, parent, retention)
$$;

ALTER FUNCTION pms.partitioned_tables() OWNER TO pms_owner;

--
-- Name: FUNCTION partitioned_tables(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.partitioned_tables() IS 'The tables that are partitioned by months, and for how long their rows are kept.';

--
-- Name: partitions_of(regclass); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.partitions_of(parent regclass) RETURNS TABLE(partition regclass, since timestamp with time zone, until timestamp with time zone)
    LANGUAGE sql STABLE
    AS $$
SELECT
    c.oid::regclass,
    (regexp_match(b.bound, 'FROM \(''([^'']+)''\)'))[1]::timestamptz,
    (regexp_match(b.bound, 'TO \(''([^'']+)''\)'))[1]::timestamptz
FROM pg_catalog.pg_inherits i
INNER JOIN pg_catalog.pg_class c ON i.inhrelid = c.oid
CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound) b
WHERE i.inhparent = partitions_of.parent
    AND b.bound <> 'DEFAULT'
ORDER BY 2
$$;

ALTER FUNCTION pms.partitions_of(parent regclass) OWNER TO pms_owner;

--
-- Name: FUNCTION partitions_of(parent regclass); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.partitions_of(parent regclass) IS 'The partitions of a table and what they hold, from since until before until; not the default one.';

--
-- Name: plan_import(jsonb, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.plan_import(positions jsonb, account text) RETURNS SETOF pms.imported_leg
    LANGUAGE sql STABLE
    AS $$
WITH leg AS (
    SELECT
        l.*,
        row_number() OVER (PARTITION BY l.account, l.asset, l.mode ORDER BY l.ordinal) AS place,
        e.id IS NOT NULL AS is_imported,
        (e.quantity, e.price, e.realized, e.executed_at) IS NOT DISTINCT FROM
        (l.size, l.average_price, l.realized, coalesce(l.executed_at, e.executed_at)) AS is_same
    FROM pms.parse_import_rows(plan_import.positions, plan_import.account) l
    LEFT JOIN pms.entries e ON l.account = e.account AND pms.import_identity(l) = e.identity
)

SELECT
    l.ordinal,
    coalesce(l.outcome, v.outcome, 'applied'),
    coalesce(l.detail, v.detail),
    l.account,
    l.asset,
    l.mode,
    l.leg,
    l.size,
    l.average_price,
    l.realized,
    l.current_price,
    l.executed_at
FROM leg l
LEFT JOIN LATERAL (
    SELECT r.outcome, r.detail
    FROM (
        VALUES
        (1, l.place > 1, 'rejected', 'this position comes more than once'),
        (
            2, l.size = 0 AND l.realized = 0, 'ignored',
            'nothing is held and nothing was earned'
        ),
        (3, l.is_imported AND l.is_same, 'duplicate', 'imported before'),
        (4, l.is_imported, 'rejected', 'imported before with other values'),
        (
            5,
            EXISTS (
                SELECT 1
                FROM pms.entries e
                WHERE e.account = l.account
                    AND e.asset = l.asset
                    AND e.mode = l.mode
                    AND e.leg = l.leg
            ),
            'rejected', 'the ledger has entries of this leg already'
        )
    ) r (rank, holds, outcome, detail)
    WHERE r.holds
    ORDER BY r.rank
    LIMIT 1
) v ON TRUE
ORDER BY l.ordinal
$$;

ALTER FUNCTION pms.plan_import(positions jsonb, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION plan_import(positions jsonb, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.plan_import(positions jsonb, account text) IS 'What importing the rows of an older positions table would do

Changes nothing. A leg that the ledger has entries of is left alone: the ledger knows it better.';

--
-- Name: portfolio_json(pms.portfolio_total); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.portfolio_json(t pms.portfolio_total) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('total_exposure_usdt', pms.decimal_text((t).exposure_usdt), 'net_exposure_usdt', pms.decimal_text((t).net_exposure_usdt), 'portfolio_value_usdt', pms.decimal_text((t).net_exposure_usdt), 'total_unrealized_pnl_usdt', pms.decimal_text((t).unrealized_pnl_usdt), 'total_realized_pnl_usdt', pms.decimal_text((t).realized_pnl_usdt), 'total_pnl_usdt', pms.decimal_text((t).total_pnl_usdt), 'open_positions_count', (t).open_positions_count, 'long_positions_count', (t).long_positions_count, 'short_positions_count', (t).short_positions_count, 'unconverted_fees', (t).unconverted_fees, 'complete', (t).complete, 'unpriced', to_jsonb((t).unpriced));

ALTER FUNCTION pms.portfolio_json(t pms.portfolio_total) OWNER TO pms_owner;

--
-- Name: FUNCTION portfolio_json(t pms.portfolio_total); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.portfolio_json(t pms.portfolio_total) IS 'A total as the contract writes the portfolio

Without by_asset, limits and calculated_at. Source: contract.md, section 1, "Portfolio".';

--
-- Name: position_is_known(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_is_known(account text, asset text, mode text) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.positions p
    WHERE p.version > 0
        AND (p.account, p.asset, p.mode)
            = (position_is_known.account, position_is_known.asset, position_is_known.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.entries e
    WHERE (e.account, e.asset, e.mode)
        = (position_is_known.account, position_is_known.asset, position_is_known.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.venue_positions v
    WHERE (v.account, v.asset, v.mode)
        = (position_is_known.account, position_is_known.asset, position_is_known.mode)
)
$$;

ALTER FUNCTION pms.position_is_known(account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION position_is_known(account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_is_known(account text, asset text, mode text) IS 'Whether a position has a row, an entry or a report of the venue';

--
-- Name: time_json(timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.time_json(moment timestamp with time zone) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN COALESCE((('"'::text || pms.time_text(moment)) || '"'::text), 'null'::text);

ALTER FUNCTION pms.time_json(moment timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION time_json(moment timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.time_json(moment timestamp with time zone) IS 'The text of pms.time_text as a JSON string, or null';

--
-- Name: position_text(pms.current_positions); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_text(p pms.current_positions) RETURNS text
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN concat('{"id":"', (p).id, '","account":"', (p).account, '","asset":"', (p).asset, '","mode":"', (p).mode, '","size":', pms.decimal_json((p).size), ',"average_entry_price":', pms.decimal_json((p).average_entry_price), ',"current_price":', pms.decimal_json((p).current_price), ',"unrealized_pnl":', pms.decimal_json((p).unrealized_pnl), ',"realized_pnl":', pms.decimal_json((p).realized_pnl), ',"long_size":', pms.decimal_json((p).long_size), ',"short_size":', pms.decimal_json((p).short_size), ',"unrealized_pnl_pct":', pms.decimal_json((p).unrealized_pnl_pct), ',"time_held_minutes":', COALESCE(((p).time_held_minutes)::text, 'null'::text), ',"position_size_norm":', pms.decimal_json((p).position_size_norm), ',"fees_paid":', pms.decimal_json((p).fees_paid), ',"funding":', pms.decimal_json((p).funding), ',"net_pnl":', pms.decimal_json((p).net_pnl), ',"settlement_currency":"', (p).settlement_currency, '","unconverted_fees":', COALESCE(((p).unconverted_fees)::text, 'null'::text), ',"price_status":"', (p).price_status, '","price_updated_at":', pms.time_json((p).price_updated_at), ',"needs_review":', COALESCE(((p).needs_review)::text, 'null'::text), ',"last_updated":', pms.time_json((p).last_updated), ',"last_snapshot_at":', pms.time_json((p).last_snapshot_at), ',"closed_at":', pms.time_json((p).closed_at), ',"created_at":', pms.time_json((p).created_at), ',"version":', COALESCE(((p).version)::text, 'null'::text), '}');

ALTER FUNCTION pms.position_text(p pms.current_positions) OWNER TO pms_owner;

--
-- Name: FUNCTION position_text(p pms.current_positions); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_text(p pms.current_positions) IS 'A position as the contract writes it, as JSON text

Source: contract.md, section 1, "Position". Amounts and times are strings, counts and minutes
integers.';

--
-- Name: position_json(pms.current_positions); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_json(p pms.current_positions) RETURNS jsonb
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (pms.position_text(p))::jsonb;

ALTER FUNCTION pms.position_json(p pms.current_positions) OWNER TO pms_owner;

--
-- Name: FUNCTION position_json(p pms.current_positions); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_json(p pms.current_positions) IS 'A position as the contract writes it, to be merged with other members.';

--
-- Name: position_legs(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_legs(mode text) RETURNS TABLE(leg text)
    LANGUAGE sql IMMUTABLE ROWS 2 PARALLEL SAFE
    AS $$
SELECT k.leg
FROM unnest(
    CASE position_legs.mode
        WHEN 'one-way' THEN ARRAY['net']
        WHEN 'hedge' THEN ARRAY['long', 'short']
    END
) k (leg)
$$;

ALTER FUNCTION pms.position_legs(mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION position_legs(mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_legs(mode text) IS 'The legs that a position may have in a mode.';

--
-- Name: position_not_found(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.position_not_found(account text, asset text, mode text) RETURNS jsonb
    LANGUAGE sql
    RETURN pms.error_response(404, 'NOT_FOUND'::text, format('no %s position in %s'::text, mode, asset), jsonb_build_object('account', account, 'asset', asset, 'mode', mode));

ALTER FUNCTION pms.position_not_found(account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION position_not_found(account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.position_not_found(account text, asset text, mode text) IS 'The answer when there is no such position.';

--
-- Name: positions_due_snapshot(timestamp with time zone, pms.position_key, text, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text DEFAULT NULL::text, size integer DEFAULT 100) RETURNS SETOF pms.position_key
    LANGUAGE sql STABLE
    AS $$
SELECT p.account, p.asset, p.mode
FROM pms.positions p
WHERE p.version > 0
    AND (positions_due_snapshot.account IS NULL OR p.account = positions_due_snapshot.account)
    AND (p.account, p.asset, p.mode) > (
        coalesce((positions_due_snapshot.after).account, ''),
        coalesce((positions_due_snapshot.after).asset, ''),
        coalesce((positions_due_snapshot.after).mode, '')
    )
GROUP BY p.account, p.asset, p.mode
HAVING (
    bool_or(p.size <> 0)
    OR bool_or(p.updated_at > coalesce(p.last_snapshot_at, '-infinity'))
)
AND coalesce(max(p.last_snapshot_at) < positions_due_snapshot.taken_at, TRUE)
ORDER BY p.account, p.asset, p.mode
LIMIT positions_due_snapshot.size
$$;

ALTER FUNCTION pms.positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text, size integer) OWNER TO pms_owner;

--
-- Name: FUNCTION positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text, size integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text, size integer) IS 'The next positions of which a snapshot is due

Those that are open or have changed since their last one, without the ones of which there is a
newer one than taken_at. after null: from the first; account null: of all accounts.';

--
-- Name: positions_from_legs(pms.priced_leg[], timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.positions_from_legs(legs pms.priced_leg[], at timestamp with time zone) RETURNS SETOF pms.current_positions
    LANGUAGE sql STABLE
    AS $$
SELECT v.*
FROM (
    SELECT
        s AS figures,
        sum(s.exposure * s.usdt_rate) OVER (PARTITION BY s.account) AS account_exposure
    FROM pms.sum_legs(positions_from_legs.legs) s
) p
CROSS JOIN pms.settings c
CROSS JOIN LATERAL pms.value_position(
    p.figures, p.account_exposure, positions_from_legs.at, c.price_staleness_threshold
) v
$$;

ALTER FUNCTION pms.positions_from_legs(legs pms.priced_leg[], at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION positions_from_legs(legs pms.priced_leg[], at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.positions_from_legs(legs pms.priced_leg[], at timestamp with time zone) IS 'The positions that legs make at a moment, as published

legs: all of an account, or a position''s share of the exposure is not that of its account.';

--
-- Name: post_entries(pms.entries[], pms.entry_void[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.post_entries(entries pms.entries[], voids pms.entry_void[] DEFAULT '{}'::pms.entry_void[]) RETURNS pms.changed_leg[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_changed pms.changed_leg[];
    v_restated pms.leg_change[];
    v_due pms.leg_key[];
    v_exposures pms.exposure_change[];
    v_has_unconverted boolean;
BEGIN
    WITH touched AS (
        SELECT
            n.asset, n.account, n.mode, n.leg,
            count(*) AS entries,
            min(n.executed_at) AS earliest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.trace_id) AS trace_id
        FROM unnest(post_entries.entries) n
        GROUP BY n.asset, n.account, n.mode, n.leg
    ),

    -- The fold of a leg starts from its row; a leg whose past changes is replayed, below.
    leg AS MATERIALIZED (
        SELECT
            t.*,
            p.ctid AS place,
            p.version,
            p.exposure,
            i.settlement_currency,
            coalesce(m.mark_price, p.current_price) AS mark_price,
            coalesce(t.earliest_at < p.last_executed_at, FALSE)
            OR (t.account, t.asset, t.mode, t.leg) IN (
                SELECT v.account, v.asset, v.mode, v.leg FROM unnest(post_entries.voids) v
            ) AS is_restated,
            (
                i.multiplier, i.kind = 'inverse', p.size, p.cost, p.realized, p.fees_open,
                p.fees_close, p.funding, p.opened_at, p.closed_at
            )::pms.leg_state AS state
        FROM touched t
        INNER JOIN pms.positions p
            ON (t.account, t.asset, t.mode, t.leg) = (p.account, p.asset, p.mode, p.leg)
        -- OFFSET 0: looked up, few legs do not read all instruments (ADR 0002).
        CROSS JOIN LATERAL (
            SELECT n.* FROM pms.instruments n WHERE n.asset = t.asset OFFSET 0
        ) i
        LEFT JOIN pms.prices m ON t.asset = m.asset
    ),

    entry AS MATERIALIZED (
        SELECT
            n.*,
            l.place,
            l.is_restated,
            l.state,
            l.settlement_currency,
            l.mark_price,
            l.exposure,
            l.version + row_number() OVER (
                PARTITION BY n.asset, n.account, n.mode, n.leg ORDER BY n.ordinality
            ) AS leg_version
        FROM unnest(post_entries.entries) WITH ORDINALITY n
        INNER JOIN leg l
            ON (n.asset, n.account, n.mode, n.leg) = (l.asset, l.account, l.mode, l.leg)
    ),

    posted AS (
        INSERT INTO pms.entries (
            account, asset, mode, leg, kind, identity, order_id, quantity, price,
            fee, fee_currency, fee_native, fee_rate, amount, realized, version, amends, cause,
            counter_account, executed_at, recorded_at, source, trace_id
        )
        SELECT
            n.account, n.asset, n.mode, n.leg, n.kind, n.identity, n.order_id, n.quantity, n.price,
            n.fee, n.fee_currency, n.fee_native, n.fee_rate, n.amount, n.realized, n.leg_version,
            n.amends, n.cause, n.counter_account, n.executed_at, n.recorded_at, n.source, n.trace_id
        FROM entry n
    ),

    -- The place of a row is cheaper to compare than its key. MATERIALIZED folds once (ADR 0002).
    folded AS MATERIALIZED (
        SELECT
            n.place,
            max(n.account) AS account,
            max(n.settlement_currency) AS settlement_currency,
            max(n.mark_price) AS mark_price,
            max(n.exposure) AS former_exposure,
            count(*) AS entries,
            max(n.executed_at) AS latest_at,
            max(n.recorded_at) AS recorded_at,
            max(n.trace_id) AS trace_id,
            pms.fold(
                n.state, n.kind, n.quantity, n.price, n.fee, n.amount, n.realized, n.executed_at
                ORDER BY n.executed_at, n.ordinality
            ) AS state
        FROM entry n
        WHERE NOT n.is_restated
        GROUP BY n.place
    ),

    valued AS MATERIALIZED (
        SELECT
            f.*,
            pms.leg_exposure(
                (f.state).size, f.mark_price, (f.state).multiplier, (f.state).is_inverse
            ) AS exposure
        FROM folded f
    ),

    stored AS (
        UPDATE pms.positions p
        SET size = (f.state).size,
            cost = (f.state).cost,
            realized = (f.state).realized,
            fees_open = (f.state).fees_open,
            fees_close = (f.state).fees_close,
            funding = (f.state).funding,
            opened_at = (f.state).opened_at,
            closed_at = (f.state).closed_at,
            last_executed_at = greatest(p.last_executed_at, f.latest_at),
            current_price = f.mark_price,
            exposure = f.exposure,
            version = p.version + f.entries,
            entries = p.entries + f.entries,
            updated_at = f.recorded_at,
            entered_at = f.recorded_at
        FROM valued f
        -- The row is locked: it stays in its place.
        WHERE p.ctid = f.place
        RETURNING
            (p.account, p.asset, p.mode, p.leg, f.trace_id, p.needs_review)::pms.changed_leg AS leg,
            p.entries - p.checkpointed >= pms.checkpoint_spacing() AS is_due
    )

    SELECT
        coalesce(array_agg(s.leg), '{}'),
        array_agg(((s.leg).account, (s.leg).asset, (s.leg).mode, (s.leg).leg)::pms.leg_key)
        FILTER (WHERE s.is_due),
        (
            SELECT array_agg((
                l.account, l.asset, l.mode, l.leg, l.earliest_at, 'late', l.entries, l.recorded_at,
                l.trace_id
            )::pms.leg_change)
            FROM leg l
            WHERE l.is_restated
        ),
        (
            SELECT array_agg((
                v.account, v.settlement_currency, v.exposure - v.former_exposure
            )::pms.exposure_change)
            FROM valued v
        ),
        (SELECT bool_or(n.fee_native IS NOT NULL AND n.fee_rate IS NULL) FROM entry n)
    INTO v_changed, v_due, v_restated, v_exposures, v_has_unconverted
    FROM stored s;

    IF v_exposures IS NOT NULL THEN
        PERFORM pms.add_exposures(v_exposures);
    END IF;

    IF v_has_unconverted THEN
        PERFORM pms.count_unconverted_fees(post_entries.entries);
    END IF;

    IF v_due IS NOT NULL THEN
        PERFORM pms.save_checkpoints(v_due, pms.checkpoint_spacing());
    END IF;

    IF cardinality(post_entries.voids) > 0 THEN
        v_restated := pms.post_voids(post_entries.voids, v_restated);
    END IF;

    IF v_restated IS NOT NULL THEN
        PERFORM pms.replay_legs(v_restated);

        v_changed := v_changed || ARRAY(
            SELECT (account, asset, mode, leg, c.trace_id, p.needs_review)::pms.changed_leg
            FROM unnest(v_restated) c
            INNER JOIN pms.positions p USING (account, asset, mode, leg)
        );
    END IF;

    RETURN v_changed;
END
$$;

ALTER FUNCTION pms.post_entries(entries pms.entries[], voids pms.entry_void[]) OWNER TO pms_owner;

--
-- Name: FUNCTION post_entries(entries pms.entries[], voids pms.entry_void[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.post_entries(entries pms.entries[], voids pms.entry_void[]) IS 'Enter decided entries and voids into the ledger; return the legs that changed

The one way into the ledger, for every kind of entry. The legs must be locked. Inserts the entries,
folds each leg once, stores its row, saves a checkpoint where one is due and a restatement where the
past changed. The caller compares flagged legs with the venue and publishes, as pms.finish_entries
does. entries: id and version are assigned here.';

--
-- Name: post_voids(pms.entry_void[], pms.leg_change[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[]) RETURNS pms.leg_change[]
    LANGUAGE sql
    AS $$
WITH entry AS MATERIALIZED (
    SELECT
        e.account, e.id, e.asset, e.mode, e.leg, v.cause, v.amendment, v.recorded_at, v.source,
        v.trace_id,
        e.fee_native IS NOT NULL AND e.fee_rate IS NULL AS is_unconverted
    FROM unnest(post_voids.voids) v
    INNER JOIN pms.entries e ON v.account = e.account AND v.identity = e.identity
),

voided AS (
    INSERT INTO pms.voids (account, entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT n.account, n.id, n.cause, n.amendment, n.recorded_at, n.source, n.trace_id
    FROM entry n
),

unconverted AS (
    UPDATE pms.unconverted_fees u
    SET fees = u.fees - g.fees
    FROM (
        SELECT n.account, n.asset, n.mode, n.leg, count(*) AS fees
        FROM entry n
        WHERE n.is_unconverted
        GROUP BY n.account, n.asset, n.mode, n.leg
    ) g
    WHERE (u.account, u.asset, u.mode, u.leg) = (g.account, g.asset, g.mode, g.leg)
)

SELECT array_agg((
    c.account, c.asset, c.mode, c.leg, c.since, c.cause, c.steps, c.recorded_at, c.trace_id
)::pms.leg_change)
FROM (
    SELECT
        u.account, u.asset, u.mode, u.leg,
        min(u.since) AS since,
        -- In this order: a bust explains more than a correction, a correction more than a late entry.
        min(u.cause) AS cause,
        sum(u.steps)::bigint AS steps,
        max(u.recorded_at) AS recorded_at,
        max(u.trace_id) AS trace_id
    FROM (
        SELECT l.* FROM unnest(post_voids.changes) l
        UNION ALL
        SELECT
            v.account, v.asset, v.mode, v.leg, v.executed_at, v.cause, 1, v.recorded_at, v.trace_id
        FROM unnest(post_voids.voids) v
    ) u
    GROUP BY u.account, u.asset, u.mode, u.leg
) c
$$;

ALTER FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[]) OWNER TO pms_owner;

--
-- Name: FUNCTION post_voids(voids pms.entry_void[], changes pms.leg_change[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[]) IS 'Enter voids into the ledger; return the legs that change

The entries they void must be stored, the legs locked. changes: the legs whose past changes for
other reasons; null: none.';

--
-- Name: pre_trade_limits(pms.pre_trade_side, pms.pre_trade_side, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text) RETURNS SETOF pms.limit_change
    LANGUAGE sql STABLE
    AS $$
SELECT b, a, a.level = 'breach' AND a.value > b.value
FROM pms.account_limits((pre_trade_limits.before).judged, NULL, NULL) b
INNER JOIN pms.account_limits((pre_trade_limits.after).judged, NULL, NULL) a ON b.id = a.id
-- Limits of other accounts do not concern this one.
WHERE coalesce(b.account, pre_trade_limits.account) = pre_trade_limits.account
$$;

ALTER FUNCTION pms.pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text) IS 'The limits that concern the account of a simulated fill, before and after it.';

--
-- Name: pre_trade_totals(pms.priced_leg[], pms.order_event); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.pre_trade_totals(legs pms.priced_leg[], fill pms.order_event) RETURNS pms.pre_trade_side
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    side pms.pre_trade_side;
    v_legs pms.priced_leg[];
BEGIN
    side.totals := ARRAY(SELECT t FROM pms.portfolio_totals(legs) t);
    side.judged := side.totals;

    -- The totals assume no price. The limits must: an order in an unpriced asset would pass them for
    -- that reason. They value it at the price of the order.
    IF EXISTS (SELECT 1 FROM unnest(legs) l WHERE l.asset = fill.asset AND l.mark_price IS NULL) THEN
        v_legs := ARRAY(
            SELECT CASE
                WHEN l.asset = fill.asset AND l.mark_price IS NULL
                    THEN (
                        l.account, l.position_id, l.asset, l.mode, l.leg, l.multiplier,
                        l.is_inverse, l.settlement_currency, l.size, l.cost, l.realized,
                        l.fees_open, l.fees_close, l.funding, l.opened_at, l.closed_at,
                        fill.price, now(), l.usdt_rate, l.unconverted_fees, l.version,
                        l.needs_review, l.created_at, l.updated_at, l.last_snapshot_at
                    )::pms.priced_leg
                ELSE l
            END
            FROM unnest(legs) l
        );
        side.judged := ARRAY(SELECT t FROM pms.portfolio_totals(v_legs) t);
    END IF;

    RETURN side;
END
$$;

ALTER FUNCTION pms.pre_trade_totals(legs pms.priced_leg[], fill pms.order_event) OWNER TO pms_owner;

--
-- Name: FUNCTION pre_trade_totals(legs pms.priced_leg[], fill pms.order_event); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.pre_trade_totals(legs pms.priced_leg[], fill pms.order_event) IS 'The totals of one side of a simulated fill: before or after it

legs: of all accounts.';

--
-- Name: price_ages(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.price_ages() RETURNS jsonb
    LANGUAGE sql STABLE
    AS $$
WITH held AS (
    SELECT DISTINCT p.asset
    FROM pms.positions p
    WHERE p.size <> 0
),

aged AS (
    SELECT greatest(clock_timestamp() - m.priced_at, interval '0') AS age
    FROM held h
    LEFT JOIN pms.prices m ON h.asset = m.asset
)

SELECT jsonb_build_object(
    'oldest_seconds', floor(extract(EPOCH FROM max(a.age))),
    'fresh', count(*) FILTER (WHERE a.age <= s.price_staleness_threshold),
    'stale', count(*) FILTER (WHERE a.age > s.price_staleness_threshold),
    'missing', count(*) FILTER (WHERE a.age IS NULL)
)
FROM pms.settings s
LEFT JOIN aged a ON TRUE
WHERE a.age IS NOT NULL OR EXISTS (SELECT 1 FROM held)
GROUP BY s.price_staleness_threshold
$$;

ALTER FUNCTION pms.price_ages() OWNER TO pms_owner;

--
-- Name: FUNCTION price_ages(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.price_ages() IS 'How old the prices are that open positions are valued with

{oldest_seconds, fresh, stale, missing}: the last three count assets. Null when nothing is open.';

--
-- Name: price_at(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.price_at(asset text, at timestamp with time zone DEFAULT now(), known_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS TABLE(mark_price numeric, priced_at timestamp with time zone, source text)
    LANGUAGE sql STABLE ROWS 1
    AS $$
SELECT k.mark_price, k.priced_at, k.source
FROM (
    (
        SELECT m.mark_price, m.priced_at, m.source
        FROM pms.prices m
        WHERE m.asset = price_at.asset
            AND m.priced_at <= price_at.at
            AND m.recorded_at <= price_at.known_at
    )
    UNION ALL
    (
        SELECT
            CASE WHEN c.is_close THEN h.close_price ELSE h.open_price END,
            CASE WHEN c.is_close THEN h.close_at ELSE h.open_at END,
            'history'
        FROM pms.price_bars h
        CROSS JOIN LATERAL (
            SELECT h.close_at <= price_at.at AND h.close_recorded_at <= price_at.known_at
        ) c (is_close)
        WHERE h.asset = price_at.asset
            AND h.minute <= price_at.at
            -- Nothing is accepted that is dated further ahead: the search ends soon where what
            -- was known then is long ago.
            AND h.minute <= (
                SELECT price_at.known_at + s.clock_skew_limit
                FROM pms.settings s
            )
            AND (
                c.is_close
                OR (h.open_at <= price_at.at AND h.open_recorded_at <= price_at.known_at)
            )
        ORDER BY h.minute DESC
        LIMIT 1
    )
) k
-- The newest of all was the newest then, once it was known.
ORDER BY k.source = 'history'
LIMIT 1
$$;

ALTER FUNCTION pms.price_at(asset text, at timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION price_at(asset text, at timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.price_at(asset text, at timestamp with time zone, known_at timestamp with time zone) IS 'The newest mark price of an asset at a moment, as known at one

No row where none was known. Exact for the newest price; before it, of every minute the first and
the last price are kept. source of those is history.';

--
-- Name: price_range(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.price_range(asset text, since timestamp with time zone, until timestamp with time zone) RETURNS TABLE(low_price numeric, high_price numeric, price_minutes bigint)
    LANGUAGE sql STABLE ROWS 1
    AS $$
SELECT min(k.low_price), max(k.high_price), count(k.low_price)
FROM (
    SELECT
        CASE
            WHEN m.is_within THEN m.low_price
            ELSE least(m.first_price, m.last_price)
        END AS low_price,
        CASE
            WHEN m.is_within THEN m.high_price
            ELSE greatest(m.first_price, m.last_price)
        END AS high_price
    FROM (
        SELECT
            h.low_price,
            h.high_price,
            h.minute >= price_range.since
            AND h.minute + INTERVAL '1 minute' <= price_range.until AS is_within,
            CASE
                WHEN h.open_at >= price_range.since AND h.open_at < price_range.until
                    THEN h.open_price
            END AS first_price,
            CASE
                WHEN h.close_at >= price_range.since AND h.close_at < price_range.until
                    THEN h.close_price
            END AS last_price
        FROM pms.price_bars h
        WHERE h.asset = price_range.asset
            AND h.minute > price_range.since - INTERVAL '1 minute'
            AND h.minute < price_range.until
    ) m
) k
$$;

ALTER FUNCTION pms.price_range(asset text, since timestamp with time zone, until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION price_range(asset text, since timestamp with time zone, until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.price_range(asset text, since timestamp with time zone, until timestamp with time zone) IS 'The lowest and the highest price from one moment until another

By the prices that were kept: of a minute that lies within, its lowest and highest; of one that does
not wholly, its first and last price where they do. price_minutes: how many minutes had one.
Null where none had.';

--
-- Name: publish_discrepancy_events(pms.discrepancies[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_events pms.outbox_event[];
BEGIN
    WITH asked AS (
        UPDATE pms.discrepancies d
        SET announced_at = d.last_seen_at
        FROM unnest(publish_discrepancy_events.seen) s
        WHERE d.account = s.account
            AND d.id = s.id
            AND d.status = 'open'
            AND NOT d.is_fixable
            AND d.announced_at IS NULL
        RETURNING d.*
    )

    SELECT array_agg((
        'position', a.account || '/' || a.asset || '/' || a.mode, 'discrepancy_opened', a.trace_id,
        jsonb_build_object(
            'discrepancy_id', a.id,
            'position_id', pms.position_id(a.account, a.asset, a.mode),
            'asset', a.asset,
            'mode', a.mode,
            'account', a.account,
            'leg', a.leg,
            'kind', a.kind,
            'field', a.field,
            'ours', a.ours,
            'theirs', a.theirs,
            'threshold', pms.decimal_text(a.threshold),
            'proposal', a.proposal,
            'occurred_at', pms.time_text(a.opened_at)
        )
    )::pms.outbox_event)
    INTO v_events
    FROM asked a;

    PERFORM pms.publish_events(v_events);
END
$$;

ALTER FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[]) OWNER TO pms_owner;

--
-- Name: FUNCTION publish_discrepancy_events(seen pms.discrepancies[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[]) IS 'Publish discrepancy_opened for discrepancies that a person must decide

Once for each opening: of those seen, the open ones that the rules do not fix.';

--
-- Name: publish_events(pms.outbox_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.publish_events(events pms.outbox_event[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_published_at CONSTANT text := pms.time_text(clock_timestamp());
BEGIN
    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT
        e.id, e.aggregatetype, e.aggregateid, e.type,
        e.payload || jsonb_build_object(
            'event_type', e.type,
            'event_id', e.id,
            'trace_id', e.trace_id,
            'timestamp', v_published_at
        ),
        e.trace_id
    FROM (
        SELECT gen_random_uuid() AS id, u.*
        FROM unnest(publish_events.events) u
    ) e;

    -- Notifying makes all commits of the server take turns.
    IF FOUND AND (SELECT r.is_waiting FROM pms.outbox_reader r) IS NOT FALSE THEN
        NOTIFY pms_outbox;
    END IF;
END
$$;

ALTER FUNCTION pms.publish_events(events pms.outbox_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION publish_events(events pms.outbox_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.publish_events(events pms.outbox_event[]) IS 'Leave events in the outbox, in their order

The relay sends them once the transaction commits, and is notified only while it waits. Adds the
fields that every event has: event_type, event_id, trace_id and timestamp. null and an empty array
publish nothing.';

--
-- Name: publish_portfolio(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.publish_portfolio() RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_reading pms.portfolio_reading := pms.read_portfolio('announcement', clock_timestamp());
    v_totals jsonb;
BEGIN
    IF v_reading.totals IS NULL THEN
        RETURN FALSE;
    END IF;

    PERFORM pms.store_reading('{announcement,limits}', v_reading);
    PERFORM pms.record_breaches(v_reading.limits);
    v_totals := pms.portfolio_json(pms.total_of(v_reading.totals, NULL, NULL)) || jsonb_build_object(
        'limit_exceeded', EXISTS (SELECT 1 FROM unnest(v_reading.limits) u WHERE u.level = 'breach')
    );

    INSERT INTO pms.portfolio_announcement AS a (totals)
    VALUES (v_totals)
    ON CONFLICT ON CONSTRAINT portfolio_announcement_pkey DO UPDATE
    SET totals = excluded.totals
    WHERE a.totals <> excluded.totals;

    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    PERFORM pms.publish_events(ARRAY[(
        'portfolio', 'all', 'portfolio_updated', NULL,
        v_totals || jsonb_build_object('occurred_at', pms.time_text(clock_timestamp()))
    )::pms.outbox_event]);
    RETURN TRUE;
END
$$;

ALTER FUNCTION pms.publish_portfolio() OWNER TO pms_owner;

--
-- Name: FUNCTION publish_portfolio(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.publish_portfolio() IS 'Publish portfolio_updated if a total has changed since the last one

And limit_breached or limit_cleared, where a limit is newly breached or holds again. Returns whether
a total had changed. The caller sets the rate: changes between two calls are in one event.';

--
-- Name: publish_position_events(pms.changed_leg[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.publish_position_events(changed pms.changed_leg[], update_source text) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_keys pms.position_key[];
    v_traces jsonb;
    v_events pms.outbox_event[];
BEGIN
    SELECT
        array_agg((k.account, k.asset, k.mode)::pms.position_key),
        -- Looked up by key: two sets of unknown size would be joined by comparing all with all.
        jsonb_object_agg(k.account || '/' || k.asset || '/' || k.mode, k.trace_id)
    INTO v_keys, v_traces
    FROM (
        SELECT c.account, c.asset, c.mode, max(c.trace_id) AS trace_id
        FROM unnest(publish_position_events.changed) c
        GROUP BY c.account, c.asset, c.mode
    ) k;

    SELECT array_agg(
        (
            'position', p.aggregateid, t.type, v_traces ->> p.aggregateid,
            jsonb_build_object(
                'position_id', p.id,
                'asset', p.asset,
                'mode', p.mode,
                'account', p.account,
                'size', pms.decimal_text(p.size),
                'average_entry_price', pms.decimal_text(p.average_entry_price),
                'avg_price', pms.decimal_text(p.average_entry_price),
                'current_price', pms.decimal_text(p.current_price),
                'unrealized_pnl', pms.decimal_text(p.unrealized_pnl),
                'realized_pnl', pms.decimal_text(p.realized_pnl),
                'unrealized_pnl_pct', pms.decimal_text(p.unrealized_pnl_pct),
                'time_held_minutes', p.time_held_minutes,
                'position_size_norm', pms.decimal_text(p.position_size_norm),
                'version', p.version,
                'update_source', publish_position_events.update_source,
                'closed_at', pms.time_text(p.closed_at),
                'occurred_at', pms.time_text(p.last_updated)
            )
        )::pms.outbox_event
        ORDER BY p.account, p.asset, p.mode, t.type DESC
    )
    INTO v_events
    FROM (
        SELECT c.*, c.account || '/' || c.asset || '/' || c.mode AS aggregateid
        FROM pms.current_positions_of(v_keys) c
    ) p
    CROSS JOIN LATERAL (
        VALUES ('position_updated', TRUE), ('position_closed', p.size = 0)
    ) t (type, is_due)
    WHERE t.is_due;

    PERFORM pms.publish_events(v_events);
END
$$;

ALTER FUNCTION pms.publish_position_events(changed pms.changed_leg[], update_source text) OWNER TO pms_owner;

--
-- Name: FUNCTION publish_position_events(changed pms.changed_leg[], update_source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.publish_position_events(changed pms.changed_leg[], update_source text) IS 'Leave one event per changed position in the outbox

position_updated, and position_closed as well when its size is 0. The fields are those of the
position after the whole batch; version rises by the number of its changes.';

--
-- Name: purge_idempotency_keys(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.purge_idempotency_keys(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_deleted bigint;
    v_total bigint;
BEGIN
    DELETE FROM pms.idempotency_keys k
    WHERE (k.key_id, k.request_key) IN (
        SELECT o.key_id, o.request_key
        FROM pms.idempotency_keys o
        WHERE o.created_at < now() - interval '24 hours'
        LIMIT c_most
    );
    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    RETURN (
        CASE WHEN v_deleted = c_most THEN jsonb_build_object('deleted', v_total) END,
        format('%s answers to an Idempotency-Key of a day ago forgotten', v_total)
    )::pms.job_step;
END
$$;

ALTER FUNCTION pms.purge_idempotency_keys(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION purge_idempotency_keys(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.purge_idempotency_keys(progress jsonb) IS 'Delete what was answered to an Idempotency-Key 24 hours ago: a job, in steps of 10000.';

--
-- Name: purge_job_runs(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.purge_job_runs(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $_$
DECLARE
    c_most CONSTANT bigint := 10000;
    v_cron regnamespace := to_regnamespace('cron');
    v_since timestamptz := coalesce(
        (progress ->> 'since')::timestamptz, now() - interval '7 days'
    );
    v_runs bigint;
    v_notes bigint := 0;
    v_total bigint[];
    v_step pms.job_step;
BEGIN
    DELETE FROM pms.job_runs r
    WHERE r.id IN (
        SELECT o.id
        FROM pms.job_runs o
        WHERE o.started_at < v_since
            AND o.status <> 'running'
            AND o.id NOT IN (
                SELECT DISTINCT ON (s.job) s.id
                FROM pms.job_runs s
                WHERE s.status = 'succeeded'
                ORDER BY s.job, s.started_at DESC
            )
        LIMIT c_most
    );
    GET DIAGNOSTICS v_runs = ROW_COUNT;

    IF v_cron IS NOT NULL THEN
        EXECUTE format(
            $query$
                DELETE FROM %1$s.job_run_details d
                WHERE d.runid IN (
                    SELECT o.runid FROM %1$s.job_run_details o WHERE o.end_time < $1 LIMIT $2
                )
            $query$,
            v_cron
        )
        USING v_since, c_most;
        GET DIAGNOSTICS v_notes = ROW_COUNT;
    END IF;

    v_total := ARRAY[
        coalesce((progress ->> 'runs')::bigint, 0) + v_runs,
        coalesce((progress ->> 'notes')::bigint, 0) + v_notes
    ];

    IF greatest(v_runs, v_notes) = c_most THEN
        v_step.progress := jsonb_build_object(
            'since', v_since, 'runs', v_total[1], 'notes', v_total[2]
        );
    END IF;

    v_step.done := format(
        '%s runs of jobs and %s notes of pg_cron from before %s forgotten',
        v_total[1], v_total[2], pms.time_text(v_since)
    );
    RETURN v_step;
END
$_$;

ALTER FUNCTION pms.purge_job_runs(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION purge_job_runs(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.purge_job_runs(progress jsonb) IS 'Delete runs of jobs after a week

A job, in steps of 10000. The newest success of each job stays. pg_cron notes every call of every
job and deletes none.';

--
-- Name: purge_price_bars(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.purge_price_bars(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    c_most CONSTANT bigint := 20000;
    v_since timestamptz := coalesce(
        (progress ->> 'since')::timestamptz,
        (SELECT now() - s.price_retention FROM pms.settings s)
    );
    v_forgotten bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Asset by asset, along the key: the whole history is never read. In the order in which
    -- prices are merged, so that neither waits for the other in turn (ADR 0002).
    WITH old AS MATERIALIZED (
        SELECT o.asset, o.minute
        FROM pms.prices m
        CROSS JOIN LATERAL (
            SELECT h.asset, h.minute
            FROM pms.price_bars h
            WHERE h.asset = m.asset
                AND h.minute < v_since
            ORDER BY h.minute
            FOR UPDATE SKIP LOCKED
        ) o
        LIMIT c_most
    )

    DELETE FROM pms.price_bars h
    USING old o
    WHERE h.asset = o.asset
        AND h.minute = o.minute;

    GET DIAGNOSTICS v_forgotten = ROW_COUNT;
    v_total := coalesce((progress ->> 'forgotten')::bigint, 0) + v_forgotten;

    IF v_forgotten = c_most THEN
        v_step.progress := jsonb_build_object('since', v_since, 'forgotten', v_total);
    END IF;

    v_step.done := format(
        '%s minutes of prices from before %s forgotten', v_total, pms.time_text(v_since)
    );
    RETURN v_step;
END
$$;

ALTER FUNCTION pms.purge_price_bars(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION purge_price_bars(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.purge_price_bars(progress jsonb) IS 'Delete the price history beyond price_retention

A job, in steps of 20000 minutes. The newest price of an asset stays, however old.';

--
-- Name: quarantine_conflicts(jsonb[], pms.order_event[], pms.amendment_event[], timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.conflicts AS k (
    account, identity, recorded, received, seen_count, first_seen_at, last_seen_at, trace_id
)
SELECT DISTINCT ON (c.account, c.identity, c.received)
    c.account, c.identity, c.recorded, c.received,
    count(*) OVER (PARTITION BY c.account, c.identity, c.received),
    quarantine_conflicts.recorded_at, quarantine_conflicts.recorded_at, c.trace_id
FROM (
    SELECT
        u.account,
        u.identity,
        u.trace_id,
        coalesce(
            (
                SELECT to_jsonb(v)
                FROM pms.subsumed_executions v
                WHERE v.account = u.account
                    AND v.identity = u.identity
            ),
            (
                SELECT to_jsonb(e)
                FROM pms.entries e
                WHERE e.account = u.account
                    AND e.identity = u.identity
            ),
            (
                SELECT to_jsonb(a)
                FROM pms.amendments a
                WHERE a.account = u.account
                    AND a.identity = u.identity
            )
        ) AS recorded,
        -- Sent again it has another trace and is the same contradiction.
        quarantine_conflicts.messages[u.ordinal] - 'trace_id' AS received
    FROM (
        SELECT e.ordinal, e.account, e.identity, e.trace_id
        FROM unnest(quarantine_conflicts.events) e
        WHERE e.reason = 'identity_conflict'
        UNION ALL
        SELECT a.ordinal, a.account, a.identity, a.trace_id
        FROM unnest(quarantine_conflicts.amendments) a
        WHERE a.reason = 'identity_conflict'
    ) u
) c
-- The message that it contradicts may have been refused, in the same batch.
WHERE c.recorded IS NOT NULL
ON CONFLICT ON CONSTRAINT conflicts_version_key DO UPDATE
SET seen_count = k.seen_count + excluded.seen_count,
    last_seen_at = excluded.last_seen_at
$$;

ALTER FUNCTION pms.quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone) IS 'Keep both versions of what contradicts the ledger

One row for each different version received; sent again it is only counted. Call it when the
version that counts is stored.';

--
-- Name: queue_connected(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.queue_connected() RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
SELECT count(*) = 2
FROM pms.worker_reports r
CROSS JOIN pms.settings s
WHERE r.part IN ('ingest', 'relay')
    AND r.reported_at > clock_timestamp() - s.worker_silence_limit
    AND r.status -> 'queue_connected' = 'true'
$$;

ALTER FUNCTION pms.queue_connected() OWNER TO pms_owner;

--
-- Name: FUNCTION queue_connected(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.queue_connected() IS 'Whether both parts of the worker say they are connected

A part that has been silent for longer than worker_silence_limit does not count.';

--
-- Name: raise_denied(integer, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.raise_denied(status integer, error_code text, message text) RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    -- PostgREST answers with the status and the code of an error of this SQLSTATE.
    RAISE SQLSTATE 'PGRST' USING
        MESSAGE = jsonb_build_object(
            'code', raise_denied.error_code, 'message', raise_denied.message
        )::text,
        DETAIL = jsonb_build_object('status', raise_denied.status, 'headers', '{}'::jsonb)::text;
END
$$;

ALTER FUNCTION pms.raise_denied(status integer, error_code text, message text) OWNER TO pms_owner;

--
-- Name: FUNCTION raise_denied(status integer, error_code text, message text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.raise_denied(status integer, error_code text, message text) IS 'Refuse a request of a key that is unknown or lacks a right

status and error_code: 401 UNAUTHORIZED or 403 FORBIDDEN. Always raises PGRST; the transaction is
rolled back.';

--
-- Name: rate_at(text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.rate_at(currency text, at timestamp with time zone DEFAULT now(), known_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone) RETURNS numeric
    LANGUAGE sql STABLE
    AS $$
SELECT CASE rate_at.currency
    WHEN 'USDT' THEN 1
    ELSE (
        SELECT p.mark_price
        FROM pms.price_at(rate_at.currency || 'USDT', rate_at.at, rate_at.known_at) p
        WHERE p.mark_price > 0
    )
END
$$;

ALTER FUNCTION pms.rate_at(currency text, at timestamp with time zone, known_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION rate_at(currency text, at timestamp with time zone, known_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.rate_at(currency text, at timestamp with time zone, known_at timestamp with time zone) IS 'USDT for one unit of a currency at a moment, as known at one

The mark price of CURRENCYUSDT; null where none was known. A rate between two currencies is the
quotient of theirs.';

--
-- Name: read_amendment_messages(jsonb[], integer[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.read_amendment_messages(messages jsonb[], ordinals integer[]) RETURNS SETOF pms.amendment_message
    LANGUAGE sql STABLE
    AS $$
-- OFFSET 0: each step is computed once for all columns that read it (ADR 0002).
WITH literal AS (
    SELECT
        o.ordinal,
        left(d.doc ->> 'trace_id', 128) AS trace_id,
        CASE d.doc ->> 'event_type' WHEN 'trade_busted' THEN 'bust' ELSE 'correction' END AS cause,
        coalesce(d.doc ->> 'account', 'main') AS account,
        coalesce(
            d.doc ->> 'identity',
            'execution:' || coalesce(d.doc ->> 'execution_id', d.doc ->> 'fill_id')
        ) AS amends,
        coalesce(d.doc ->> 'correction_id', d.doc ->> 'event_id') AS correction_id,
        lower(d.doc ->> 'side') AS side,
        d.doc ->> 'execution_quantity' AS quantity,
        d.doc ->> 'execution_price' AS price,
        d.doc ->> 'execution_fees' AS fee,
        upper(d.doc ->> 'fee_currency') AS fee_currency,
        d.doc ->> 'executed_at' AS executed_at,
        d.doc ->> 'timestamp' AS amended_at
    FROM unnest(read_amendment_messages.ordinals) o (ordinal)
    CROSS JOIN LATERAL (SELECT read_amendment_messages.messages[o.ordinal] AS doc) d
    OFFSET 0
)

SELECT
    l.*,
    pms.parse_decimal(l.quantity),
    pms.parse_decimal(l.price),
    pms.parse_decimal(l.fee),
    pms.parse_time(l.executed_at),
    pms.parse_time(l.amended_at)
FROM literal l
OFFSET 0
$$;

ALTER FUNCTION pms.read_amendment_messages(messages jsonb[], ordinals integer[]) OWNER TO pms_owner;

--
-- Name: FUNCTION read_amendment_messages(messages jsonb[], ordinals integer[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.read_amendment_messages(messages jsonb[], ordinals integer[]) IS 'Busts and corrections with their decimals and times read, one row per message.';

--
-- Name: read_order_messages(jsonb[], boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.read_order_messages(messages jsonb[], has_bad_times boolean) RETURNS SETOF pms.order_message
    LANGUAGE sql STABLE
    AS $$
SELECT
    n.*,
    -- The venue's own numbers of the modes: 1 and 2 name the leg as well.
    CASE n.mode
        WHEN '0' THEN 'one-way'
        WHEN '1' THEN 'hedge'
        WHEN '2' THEN 'hedge'
        ELSE coalesce(
            n.mode,
            CASE WHEN n.position_side IN ('long', 'short') THEN 'hedge' ELSE 'one-way' END
        )
    END,
    CASE n.mode
        WHEN '1' THEN coalesce(n.position_side, 'long')
        WHEN '2' THEN coalesce(n.position_side, 'short')
        ELSE n.position_side
    END,
    pms.parse_decimal(n.quantity),
    pms.parse_decimal(n.price),
    pms.parse_decimal(n.fee),
    pms.parse_decimal(n.amount),
    CASE
        WHEN read_order_messages.has_bad_times THEN pms.parse_time(n.executed_at)
        ELSE pms.parse_time_strict(n.executed_at)
    END
FROM pms.normalize_order_events(read_order_messages.messages) n
OFFSET 0
$$;

ALTER FUNCTION pms.read_order_messages(messages jsonb[], has_bad_times boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION read_order_messages(messages jsonb[], has_bad_times boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.read_order_messages(messages jsonb[], has_bad_times boolean) IS 'Order events with their modes, decimals and times read, one row per message

Raises class 22 for a time that looks like one and is none, unless has_bad_times.';

--
-- Name: read_portfolio(text, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.read_portfolio(reader text, at timestamp with time zone) RETURNS pms.portfolio_reading
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_last pms.portfolio_readings;
    v_written_by xid;
    v_has_changes boolean;
    v_legs pms.priced_leg[];
    v_has_limits boolean;
    reading pms.portfolio_reading;
BEGIN
    -- As the function is STABLE, all its statements see one snapshot: that of its caller.
    reading.read_at := read_portfolio.at;
    reading.seen_before := pg_snapshot_xmin(pg_current_snapshot());

    SELECT r.reader, r.read_at, r.seen_before, r.row_count, r.xmin
    INTO v_last.reader, v_last.read_at, v_last.seen_before, v_last.row_count, v_written_by
    FROM pms.portfolio_readings r
    WHERE r.reader = read_portfolio.reader;

    SELECT v.row_count, v.has_changes
    INTO reading.row_count, v_has_changes
    -- The history writes the marks, and reads them only to go on.
    FROM pms.row_versions(v_last.seen_before, read_portfolio.reader <> 'history') v;

    IF v_has_changes
        OR reading.row_count = v_last.row_count IS NOT TRUE
        -- Restored from a dump of another server, with fewer transactions.
        OR age(v_written_by) > age(v_last.seen_before::xid)
        -- Daily loss starts over.
        OR date_trunc('day', v_last.read_at, 'UTC') <> date_trunc('day', at, 'UTC')
        OR EXISTS (
            SELECT 1
            FROM pms.capital c
            WHERE c.effective_at > v_last.read_at
                AND c.effective_at <= read_portfolio.at
        )
    THEN
        v_legs := pms.current_legs(NULL);
        v_has_limits := read_portfolio.reader <> 'history' AND EXISTS (SELECT 1 FROM pms.limits);
        -- Other totals are not computed.
        reading.totals := ARRAY(
            SELECT t
            FROM pms.portfolio_totals(v_legs) t
            WHERE v_has_limits
                OR t.is_all_assets AND (t.is_all_accounts OR read_portfolio.reader = 'history')
        );
        reading.limits := CASE
            WHEN v_has_limits
                THEN ARRAY(SELECT u FROM pms.account_limits(reading.totals, NULL, NULL) u)
            ELSE '{}'
        END;
    END IF;

    RETURN reading;
END
$$;

ALTER FUNCTION pms.read_portfolio(reader text, at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION read_portfolio(reader text, at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.read_portfolio(reader text, at timestamp with time zone) IS 'The totals and limits, unless nothing that they depend on has changed

reader: announcement, history or limits; at: now. totals and limits are null if nothing has
changed since the reading that was last stored for the reader. Store it with pms.store_reading in the
transaction that stores what was derived from it. Reads the version of each row instead of valuing it, so that
writers have no part in it. A change that commits during the call counts for the next one.';

--
-- Name: rebuild_legs(text, text, text, text[], timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text) RETURNS pms.changed_leg[]
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pms.replay_legs(ARRAY(
        SELECT (
            p.account, p.asset, p.mode, p.leg, '-infinity'::timestamptz, 'restore',
            -- A row that was lost begins again where its entries alone had brought it.
            greatest(coalesce(f.entries, 0) - p.version, 0) + 1,
            rebuild_legs.recorded_at, rebuild_legs.trace_id
        )::pms.leg_change
        FROM pms.positions p
        LEFT JOIN pms.legs_from_ledger(rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode) f
            ON p.leg = f.leg
        WHERE (p.account, p.asset, p.mode)
            = (rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode)
            AND p.leg = ANY(rebuild_legs.legs)
    ));

    RETURN ARRAY(
        SELECT (
            rebuild_legs.account, rebuild_legs.asset, rebuild_legs.mode, u.leg,
            rebuild_legs.trace_id, NULL
        )::pms.changed_leg
        FROM unnest(rebuild_legs.legs) u (leg)
    );
END
$$;

ALTER FUNCTION pms.rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text) IS 'Set stored legs to the fold of their entries

Rebuilds their checkpoints, too, and raises each version by one. The legs must exist and be locked;
recorded_at is the value that locking them returned. Returns them for the caller to publish.';

--
-- Name: reconcile_position(text, text, text, boolean, boolean, uuid, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text) RETURNS pms.reconciled_position
    LANGUAGE plpgsql
    SET jit TO 'off'
    AS $$
DECLARE
    v_unfoldable CONSTANT text := 'the ledger of this position cannot be folded';
    v_sources CONSTANT text[] := ARRAY['stored_row', 'checkpoint', 'rule', 'venue'];
    v_keys CONSTANT pms.position_key[] := ARRAY[(account, asset, mode)::pms.position_key];
    examined pms.examination;
    v_rows pms.finding[];
    v_due pms.finding[];
    v_recorded_at timestamptz;
    v_changed pms.changed_leg[];
    v_seen pms.discrepancies[];
BEGIN
    -- Most positions need nothing: those are not locked.
    examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
    IF NOT pms.needs_reconciliation(examined) THEN
        RETURN ('{}', NULL, FALSE)::pms.reconciled_position;
    END IF;

    v_recorded_at := pms.lock_position(
        account, asset, mode,
        ARRAY(
            SELECT f.leg
            FROM unnest(pms.fixable_findings(examined.findings, apply_fixes, accepted)) f
            WHERE f.kind = 'adoption'
        )
    );
    examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
    IF examined.objection IS NOT NULL THEN
        RETURN ('{}', v_unfoldable, FALSE)::pms.reconciled_position;
    END IF;

    -- The row first: the venue is compared with the ledger.
    v_due := pms.fixable_findings(examined.findings, apply_fixes, accepted);
    v_rows := ARRAY(SELECT f FROM unnest(v_due) f WHERE f.kind IN ('stored_row', 'checkpoint'));
    IF v_rows <> '{}' THEN
        v_changed := pms.rebuild_legs(
            account, asset, mode, ARRAY(SELECT DISTINCT f.leg FROM unnest(v_rows) f),
            v_recorded_at, trace_id
        );
        examined := (pms.examine_positions(v_keys, v_sources, honor_adoption_delay))[1];
        v_due := pms.fixable_findings(examined.findings, apply_fixes, accepted);
    END IF;

    v_due := ARRAY(SELECT f FROM unnest(v_due) f WHERE f.target_cost IS NOT NULL);
    IF v_due <> '{}' THEN
        v_changed := v_changed
            || pms.post_entries(
                pms.adjustment_entries(v_due, v_recorded_at, 'validation', trace_id)
            );
    END IF;

    v_seen := pms.record_discrepancies(
        ARRAY(SELECT f FROM unnest(examined.findings) f WHERE f <> ALL(v_due)),
        v_rows || v_due,
        CASE WHEN apply_fixes THEN 'fixed' ELSE 'accepted' END,
        ARRAY(SELECT (account, asset, mode, l.leg)::pms.leg_key FROM pms.position_legs(mode) l),
        '{size,average_price,adoption,stored_row,checkpoint,rule}',
        trace_id
    );
    PERFORM pms.publish_position_events(v_changed, 'validation');
    PERFORM pms.publish_discrepancy_events(v_seen);

    RETURN (v_seen, NULL, v_changed IS NOT NULL)::pms.reconciled_position;
EXCEPTION
    -- An entry that cannot be valued. The subtransaction undoes every change made in here.
    WHEN data_exception THEN
        RETURN ('{}', v_unfoldable, FALSE)::pms.reconciled_position;
END
$$;

ALTER FUNCTION pms.reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text) IS 'Compare a position with every source, and fix the findings that the rules allow

apply_fixes: rows that differ from their ledger are rebuilt, and each report of the venue that the
rules accept becomes one entry. accepted: a discrepancy that a person settles by its proposal, also
where the rules do not allow it. Dismissed ones stay. Findings that need a person are published.';

--
-- Name: reconcile_venue_reports(pms.leg_key[], timestamp with time zone, pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]) RETURNS pms.changed_leg[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_found CONSTANT pms.finding[] := ARRAY(
        SELECT f FROM pms.venue_findings(pms.compare_venue_reports(keys), TRUE) f
    );
    -- Executions are the authority on sizes: a size waits for validation.
    v_due CONSTANT pms.finding[] := ARRAY(
        SELECT f
        FROM unnest(v_found) f
        WHERE f.is_fixable
            AND f.kind IN ('average_price', 'adoption')
            AND NOT pms.is_dismissed(f)
    );
    v_concerned pms.leg_key[];
    v_unlocked pms.leg_key[];
    v_changed pms.changed_leg[] := ARRAY[]::pms.changed_leg[];
BEGIN
    UPDATE pms.venue_positions v
    SET unexplained_since = w.since
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            CASE WHEN f.kind = 'adoption' THEN coalesce(n.unexplained_since, n.recorded_at) END
            AS since
        FROM unnest(keys) k
        INNER JOIN pms.venue_positions n
            ON (k.account, k.asset, k.mode, k.leg) = (n.account, n.asset, n.mode, n.leg)
        LEFT JOIN unnest(v_found) f
            ON (k.account, k.asset, k.mode, k.leg) = (f.account, f.asset, f.mode, f.leg)
        -- Computes since once (ADR 0002).
        OFFSET 0
    ) w
    WHERE (v.account, v.asset, v.mode, v.leg) = (w.account, w.asset, w.mode, w.leg)
        AND v.unexplained_since IS DISTINCT FROM w.since;

    v_concerned := ARRAY(
        SELECT k
        FROM unnest(keys) k
        WHERE EXISTS (
            SELECT 1
            FROM unnest(v_found) f
            WHERE (f.account, f.asset, f.mode, f.leg) = (k.account, k.asset, k.mode, k.leg)
                AND NOT f.is_waiting
        )
        OR EXISTS (
            SELECT 1
            FROM pms.discrepancies d
            WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
                AND d.status IN ('open', 'dismissed')
        )
    );
    -- Most reports agree with us: nothing is written for those.
    IF v_concerned = '{}' THEN
        RETURN v_changed;
    END IF;

    -- A flat report about a leg that was created meanwhile.
    v_unlocked := ARRAY(SELECT k FROM unnest(v_concerned) k WHERE k <> ALL(locked));
    IF v_unlocked <> '{}' THEN
        PERFORM pms.lock_legs(v_unlocked);
        RETURN pms.reconcile_venue_reports(keys, recorded_at, locked || v_unlocked);
    END IF;

    IF v_due <> '{}' THEN
        v_changed := pms.post_entries(pms.adjustment_entries(v_due, recorded_at, 'venue'));
    END IF;

    PERFORM pms.record_discrepancies(
        ARRAY(SELECT f FROM unnest(v_found) f WHERE NOT f.is_waiting AND f <> ALL(v_due)),
        v_due,
        'fixed',
        v_concerned,
        '{size,average_price,adoption}',
        NULL
    );

    RETURN v_changed;
END
$$;

ALTER FUNCTION pms.reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]) IS 'Apply the newest reports of the venue, as far as the rules allow; return the legs that changed

At once: its average, and a position that only the venue knows, when no fill has explained it for
venue_adoption_delay. A different size is recorded as a discrepancy. The reports must be locked.
locked: the legs that are, at recorded_at; others are locked here when a discrepancy concerns them.
The caller publishes the positions.';

--
-- Name: record_amendments(pms.amendment_event[], pms.entries[], timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text) RETURNS SETOF pms.amendment_event
    LANGUAGE sql
    AS $$
WITH first AS (
    SELECT DISTINCT ON (e.account, e.identity) e.*
    FROM unnest(record_amendments.events) e
    WHERE e.outcome IS NULL
    ORDER BY e.account, e.identity, e.ordinal
),

taken AS (
    INSERT INTO pms.amendments (
        account, identity, amends, cause, side, quantity, price, fee, fee_currency, executed_at,
        amended_at, recorded_at, source, trace_id
    )
    SELECT
        f.account, f.identity, f.amends, f.cause, f.side, f.quantity, f.price, f.fee,
        f.fee_currency, f.executed_at, coalesce(f.amended_at, record_amendments.recorded_at),
        record_amendments.recorded_at, record_amendments.source, f.trace_id
    FROM first f
    ON CONFLICT ON CONSTRAINT amendments_pkey DO NOTHING
),

compared AS (
    SELECT
        e.*,
        a.identity IS NULL AND e.ordinal = f.ordinal AS is_new,
        e.cause = 'correction' AND (
            e.amends, e.side, e.quantity, e.price, e.fee, e.fee_currency, e.executed_at,
            e.amended_at
        ) IS DISTINCT FROM CASE
            WHEN a.identity IS NULL
                THEN (
                    f.amends, f.side, f.quantity, f.price, f.fee, f.fee_currency, f.executed_at,
                    f.amended_at
                )
            ELSE (
                a.amends, a.side, a.quantity, a.price, a.fee, a.fee_currency, a.executed_at,
                a.amended_at
            )
        END AS is_other,
        EXISTS (
            SELECT 1 FROM pms.entries x WHERE x.account = e.account AND x.identity = e.amends
        )
        OR (e.account, e.amends) IN (
            SELECT n.account, n.identity FROM unnest(record_amendments.incoming) n
        ) AS has_entry
    FROM unnest(record_amendments.events) e
    LEFT JOIN first f ON e.account = f.account AND e.identity = f.identity
    -- As they were before: a statement does not see what it writes.
    LEFT JOIN pms.amendments a ON e.account = a.account AND e.identity = a.identity
)

SELECT
    c.ordinal,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.outcome
        WHEN c.is_new THEN 'applied'
        WHEN c.is_other THEN 'rejected'
        ELSE 'duplicate'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.reason
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN 'pending_fill' END
        WHEN c.is_other THEN 'identity_conflict'
    END,
    CASE
        WHEN c.outcome IS NOT NULL THEN c.detail
        WHEN c.is_new THEN CASE WHEN NOT c.has_entry THEN c.amends || ': not recorded yet' END
        WHEN c.is_other THEN pms.conflict_detail(c.identity)
    END,
    c.trace_id, c.account, c.identity, c.amends, c.cause, c.side, c.quantity, c.price, c.fee,
    c.fee_currency, c.executed_at, c.amended_at
FROM compared c
$$;

ALTER FUNCTION pms.record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text) IS 'Take note of busts and corrections; one outcome each

pms.apply_amendments applies them to the ledger. The same one again is a duplicate; the same
identity with other content is rejected. One whose entry is neither recorded nor incoming waits for
it. Call it with the table of amendments locked.';

--
-- Name: record_breaches(pms.limit_state[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_breaches(limits pms.limit_state[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_now timestamptz;
    v_events pms.outbox_event[];
BEGIN
    -- The common case: no limit is breached, none was.
    IF NOT EXISTS (SELECT 1 FROM unnest(record_breaches.limits) u WHERE u.level = 'breach')
        AND NOT EXISTS (SELECT 1 FROM pms.limit_breaches b WHERE b.ended_at IS NULL)
    THEN
        RETURN;
    END IF;

    -- One at a time, so that each beginning and each end is published once.
    LOCK TABLE pms.limit_breaches IN SHARE ROW EXCLUSIVE MODE;
    v_now := clock_timestamp();

    -- Read several times (ADR 0002).
    WITH used AS MATERIALIZED (
        SELECT u.* FROM unnest(record_breaches.limits) u
    ),

    raised AS (
        UPDATE pms.limit_breaches b
        SET peak_value = u.value,
            peak_at = v_now
        FROM used u
        WHERE b.limit_id = u.id
            AND b.ended_at IS NULL
            AND u.level = 'breach'
            AND u.value > b.peak_value
    ),

    ended AS (
        UPDATE pms.limit_breaches b
        SET ended_at = greatest(v_now, b.began_at)
        WHERE b.ended_at IS NULL
            AND NOT EXISTS (SELECT 1 FROM used u WHERE u.id = b.limit_id AND u.level = 'breach')
        RETURNING b.*
    ),

    began AS (
        INSERT INTO pms.limit_breaches AS b (
            account, limit_id, asset, metric, breach_level, began_at, peak_value, peak_at
        )
        SELECT
            coalesce(u.account, '*'), u.id, coalesce(u.asset, '*'), u.metric, u.breach_level, v_now,
            u.value, v_now
        FROM used u
        WHERE u.level = 'breach'
        ORDER BY u.id
        ON CONFLICT (account, limit_id) WHERE ended_at IS NULL DO NOTHING
        RETURNING b.*
    )

    SELECT array_agg(
        (
            'limit', e.limit_id, e.type, NULL,
            jsonb_build_object(
                'limit_id', e.limit_id,
                'scope', split_part(e.limit_id, '/', 1),
                'account', nullif(e.account, '*'),
                'asset', nullif(e.asset, '*'),
                'metric', e.metric,
                'limit', pms.decimal_text(e.breach_level),
                -- Null: the limit is gone.
                'value', pms.decimal_text(u.value),
                'utilisation', pms.decimal_text(
                    pms.div_round(u.value, e.breach_level, 12)
                ),
                'peak_value', pms.decimal_text(e.peak_value),
                'began_at', pms.time_text(e.began_at),
                'ended_at', pms.time_text(e.ended_at),
                'occurred_at', pms.time_text(v_now)
            )
        )::pms.outbox_event
        ORDER BY e.type, e.limit_id
    )
    INTO v_events
    FROM (
        SELECT 'limit_cleared' AS type, c.* FROM ended c
        UNION ALL
        SELECT 'limit_breached', c.* FROM began c
    ) e
    LEFT JOIN used u ON e.limit_id = u.id;

    PERFORM pms.publish_events(v_events);
END
$$;

ALTER FUNCTION pms.record_breaches(limits pms.limit_state[]) OWNER TO pms_owner;

--
-- Name: FUNCTION record_breaches(limits pms.limit_state[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_breaches(limits pms.limit_state[]) IS 'Record which limits are breached, and publish each change

limits: all of them, see pms.account_limits. Publishes limit_breached and limit_cleared, once for
each breach.';

--
-- Name: record_discrepancies(pms.finding[], pms.finding[], text, pms.leg_key[], text[], text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text) RETURNS pms.discrepancies[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_seen_at timestamptz := clock_timestamp();
    v_seen pms.discrepancies[];
    v_ids uuid[];
BEGIN
    WITH found AS (
        SELECT DISTINCT ON (f.account, n.id) f.*, n.id
        FROM (
            SELECT u.*, 'open' AS status
            FROM unnest(record_discrepancies.findings) u
            UNION ALL
            SELECT u.*, record_discrepancies.settled_status
            FROM unnest(record_discrepancies.settled) u
        ) f
        CROSS JOIN LATERAL (
            SELECT pms.discrepancy_id(f.account, f.asset, f.mode, f.leg, f.kind, f.field) AS id
        ) n
        ORDER BY f.account, n.id
    ),

    -- The legs are locked: nobody else changes their discrepancies meanwhile.
    merged AS (
        SELECT
            f.*,
            d.status AS status_before,
            d.first_seen_at, d.times_seen, d.opened_at, d.announced_at, d.closed_at, d.decided_by,
            d.decided_at, d.note,
            CASE
                WHEN f.status = 'open' AND d.status = 'dismissed'
                    AND (d.ours, d.theirs) IS NOT DISTINCT FROM (f.ours, f.theirs)
                    THEN 'dismissed'
                ELSE f.status
            END AS status_now
        FROM found f
        LEFT JOIN pms.discrepancies d ON f.account = d.account AND f.id = d.id
    ),

    recorded AS (
        INSERT INTO pms.discrepancies AS d (
            account, id, asset, mode, leg, kind, field, ours, theirs, threshold, proposal,
            target_size, target_cost, is_fixable, evidence, trace_id, status, first_seen_at,
            last_seen_at, times_seen, opened_at, announced_at, closed_at, decided_by, decided_at,
            note
        )
        SELECT
            t.account, t.id, t.asset, t.mode, t.leg, t.kind, t.field, t.ours, t.theirs,
            t.threshold, t.proposal, t.target_size, t.target_cost, t.is_fixable, t.evidence,
            coalesce(record_discrepancies.trace_id, t.trace_id),
            t.status_now,
            coalesce(t.first_seen_at, v_seen_at),
            v_seen_at,
            coalesce(t.times_seen, 0) + 1,
            CASE WHEN t.status_before IN ('open', t.status_now) THEN t.opened_at ELSE v_seen_at END,
            CASE WHEN t.status_before IN ('open', t.status_now) THEN t.announced_at END,
            CASE
                WHEN t.status_now = 'dismissed' THEN t.closed_at
                WHEN t.status_now <> 'open' THEN v_seen_at
            END,
            CASE t.status_now
                WHEN 'dismissed' THEN t.decided_by
                WHEN 'accepted' THEN session_user
            END,
            CASE t.status_now WHEN 'dismissed' THEN t.decided_at WHEN 'accepted' THEN v_seen_at END,
            CASE WHEN t.status_now = 'dismissed' THEN t.note END
        FROM merged t
        ON CONFLICT ON CONSTRAINT discrepancies_pkey DO UPDATE
        SET ours = excluded.ours,
            theirs = excluded.theirs,
            threshold = excluded.threshold,
            proposal = excluded.proposal,
            target_size = excluded.target_size,
            target_cost = excluded.target_cost,
            is_fixable = excluded.is_fixable,
            evidence = excluded.evidence,
            trace_id = excluded.trace_id,
            status = excluded.status,
            last_seen_at = excluded.last_seen_at,
            times_seen = excluded.times_seen,
            opened_at = excluded.opened_at,
            announced_at = excluded.announced_at,
            closed_at = excluded.closed_at,
            decided_by = excluded.decided_by,
            decided_at = excluded.decided_at,
            note = excluded.note
        RETURNING d.*
    )

    SELECT coalesce(array_agg(r::pms.discrepancies), '{}'), coalesce(array_agg(r.id), '{}')
    INTO v_seen, v_ids
    FROM recorded r;

    UPDATE pms.discrepancies d
    SET status = 'resolved',
        closed_at = v_seen_at
    FROM unnest(record_discrepancies.keys) k
    WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
        AND d.kind = ANY(record_discrepancies.kinds)
        AND d.status IN ('open', 'dismissed')
        AND d.id <> ALL(v_ids);

    PERFORM pms.refresh_needs_review(record_discrepancies.keys);

    RETURN v_seen;
END
$$;

ALTER FUNCTION pms.record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text) IS 'Record the findings of legs, and resolve discrepancies that were not found again

findings stay open; `settled` ones were settled in this transaction: settled_status is fixed or
accepted. Both hold everything that a check of these kinds found in these legs, which are locked. A
known discrepancy keeps its row, a resolved one opens again, a dismissed one stays dismissed until
its values change. Returns the rows of the findings.';

--
-- Name: record_gateway_limits(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_gateway_limits(applied jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
INSERT INTO pms.gateway_limits (applied, applied_at)
VALUES (record_gateway_limits.applied, clock_timestamp())
ON CONFLICT ON CONSTRAINT gateway_limits_pkey DO UPDATE
SET applied = excluded.applied,
    applied_at = excluded.applied_at
$$;

ALTER FUNCTION pms.record_gateway_limits(applied jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION record_gateway_limits(applied jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_gateway_limits(applied jsonb) IS 'Record the limits that the gateway applies

applied: requests a minute by the id of a key, and of address and open; {} when it does not count.';

--
-- Name: record_key_uses(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_key_uses(uses jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
INSERT INTO pms.key_uses AS k (key_id, requests, last_used_at, last_used_from)
SELECT
    u.key,
    (u.value ->> 'requests')::bigint,
    least((u.value ->> 'at')::timestamptz, clock_timestamp()),
    left(u.value ->> 'address', 64)
FROM jsonb_each(record_key_uses.uses) u
-- A key may have been deleted since.
WHERE EXISTS (SELECT 1 FROM pms.api_keys a WHERE a.id = u.key)
ORDER BY u.key
ON CONFLICT ON CONSTRAINT key_uses_pkey DO UPDATE
SET requests = k.requests + excluded.requests,
    last_used_at = greatest(k.last_used_at, excluded.last_used_at),
    last_used_from = CASE
        WHEN excluded.last_used_at >= k.last_used_at THEN excluded.last_used_from
        ELSE k.last_used_from
    END
$$;

ALTER FUNCTION pms.record_key_uses(uses jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION record_key_uses(uses jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_key_uses(uses jsonb) IS 'Add the uses of keys since the last call

uses: by the id of the key {requests, at, address}. Unknown ids are left out.';

--
-- Name: record_ledger_findings(pms.position_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_ledger_findings(keys pms.position_key[]) RETURNS SETOF pms.ledger_examination
    LANGUAGE sql
    AS $$
WITH examined AS (
    SELECT
        x.key,
        x.objection IS NOT NULL AS is_unfoldable,
        CASE
            WHEN x.objection IS NOT NULL
                THEN jsonb_build_array(
                    to_jsonb(x.key) || jsonb_build_object(
                        'source', 'ledger', 'leg', NULL, 'field', 'entries',
                        'stored', x.objection, 'expected', 'entries that can be folded'
                    )
                )
            ELSE (
                SELECT coalesce(
                    jsonb_agg(
                        to_jsonb(x.key) || jsonb_build_object(
                            'source', 'ledger', 'leg', f.leg, 'field', f.field,
                            'stored', f.ours, 'expected', f.theirs
                        )
                    ),
                    '[]'
                )
                FROM unnest(x.findings) f
            )
        END AS findings
    FROM unnest(
        pms.examine_positions(record_ledger_findings.keys, '{stored_row,checkpoint}', FALSE)
    ) x
),

gone AS (
    DELETE FROM pms.ledger_findings s
    USING examined x
    WHERE (s.account, s.asset, s.mode) = ((x.key).account, (x.key).asset, (x.key).mode)
        AND x.findings = '[]'
),

standing AS (
    INSERT INTO pms.ledger_findings (account, asset, mode, findings, verified_at)
    SELECT (x.key).account, (x.key).asset, (x.key).mode, x.findings, clock_timestamp()
    FROM examined x
    WHERE x.findings <> '[]'
    ON CONFLICT ON CONSTRAINT ledger_findings_pkey DO UPDATE
    SET findings = excluded.findings,
        verified_at = excluded.verified_at
)

SELECT x.key, x.is_unfoldable, x.findings
FROM examined x
ORDER BY x.key
$$;

ALTER FUNCTION pms.record_ledger_findings(keys pms.position_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION record_ledger_findings(keys pms.position_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_ledger_findings(keys pms.position_key[]) IS 'Fold positions from their first entry and record how they differ

Rows and checkpoints. The findings replace those that stand; a position without any has none any
more. An entry that cannot be valued makes its position one finding.';

--
-- Name: record_portfolio_history(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_portfolio_history(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE sql
    AS $$
-- One step, however many accounts there are: a minute is one statement.
SELECT
    NULL::jsonb,
    CASE
        WHEN e.recorded_at > clock_timestamp()
            THEN format('nothing recorded: the clock is behind %s', pms.time_text(e.recorded_at))
        ELSE format('%s rows written', k.written)
    END
FROM pms.portfolio_history_extent e
CROSS JOIN pms.capture_portfolio(clock_timestamp()) k (written)
$$;

ALTER FUNCTION pms.record_portfolio_history(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION record_portfolio_history(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_portfolio_history(progress jsonb) IS 'A job: record the totals of this minute

A step of it, see pms.job_step. Safe to repeat: totals that have not changed are not written again.';

--
-- Name: record_rejected_messages(text, bytea[], text[], text[], text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO ''
    AS $$
DECLARE
    v_new integer;
BEGIN
    -- A body may stand twice in one batch; the table counts it as seen twice.
    WITH message AS (
        SELECT
            u.body,
            count(*) AS times,
            max(u.reason) AS reason,
            max(u.detail) AS detail,
            max(u.trace_id) AS trace_id
        FROM unnest(bodies, reasons, details, trace_ids) AS u (body, reason, detail, trace_id)
        GROUP BY u.body
    ),

    stored AS (
        INSERT INTO pms.rejected_messages AS r (
            feed, body, reason, detail, trace_id, seen_count
        )
        SELECT record_rejected_messages.feed, m.body, m.reason, m.detail, m.trace_id, m.times
        FROM message m
        ORDER BY sha256(m.body)
        ON CONFLICT ON CONSTRAINT rejected_messages_body_key DO UPDATE
        SET seen_count = r.seen_count + excluded.seen_count,
            last_seen_at = excluded.last_seen_at,
            reason = excluded.reason,
            detail = excluded.detail
        RETURNING r.first_seen_at = r.last_seen_at AS is_new
    )

    SELECT count(*) INTO v_new FROM stored s WHERE s.is_new;

    RETURN v_new;
END
$$;

ALTER FUNCTION pms.record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]) IS 'Store rejected messages as received; return the number of new ones

Safe to repeat: the same body of the same feed is one row, seen more often. The four arrays
are of one length; feed is order_events, venue_positions or prices.';

--
-- Name: record_subsumed_executions(pms.order_event[], timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.subsumed_executions (
    account, identity, order_id, asset, leg, quantity, price, fee,
    counted_quantity, counted_price, counted_fee, recorded_at, trace_id
)
SELECT
    e.account, e.identity, e.order_id, e.asset, e.leg, e.quantity, e.price, coalesce(e.fee, 0),
    (e.applied).step_quantity, coalesce((e.applied).step_price, 0), (e.applied).step_fee,
    record_subsumed_executions.recorded_at, e.trace_id
FROM unnest(record_subsumed_executions.events) e
WHERE NOT e.is_cumulative
    AND (e.outcome IS NULL OR e.outcome = 'duplicate')
    AND (e.applied).quantity IS NOT NULL
    AND ((e.applied).step_quantity, (e.applied).step_price, (e.applied).step_fee)
    IS DISTINCT FROM (abs(e.quantity), e.price, coalesce(e.fee, 0))
$$;

ALTER FUNCTION pms.record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone) IS 'Keep the executions that a total had counted before, as they were reported

events: classified.';

--
-- Name: record_total_findings(text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_total_findings(accounts text[]) RETURNS jsonb
    LANGUAGE sql
    AS $_$
WITH examined AS (
    SELECT
        u.account,
        (
            SELECT jsonb_agg(jsonb_build_object(
                'source', 'ledger', 'account', w.account, 'asset', NULL, 'mode', NULL, 'leg', NULL,
                'field', 'exposure in ' || w.currency,
                'stored', pms.decimal_text(w.stored), 'expected', pms.decimal_text(w.expected)
            ))
            FROM pms.wrong_account_totals(ARRAY[u.account]) w
        ) AS findings
    FROM unnest(record_total_findings.accounts) u (account)
),

gone AS (
    DELETE FROM pms.ledger_findings s
    USING examined x
    WHERE (s.account, s.asset, s.mode) = (x.account, '', '')
        AND x.findings IS NULL
),

standing AS (
    INSERT INTO pms.ledger_findings (account, asset, mode, findings, verified_at)
    SELECT x.account, '', '', x.findings, clock_timestamp()
    FROM examined x
    WHERE x.findings IS NOT NULL
    ON CONFLICT ON CONSTRAINT ledger_findings_pkey DO UPDATE
    SET findings = excluded.findings,
        verified_at = excluded.verified_at
)

SELECT coalesce(
    jsonb_path_query_array(
        jsonb_agg(x.findings ORDER BY x.account) FILTER (WHERE x.findings IS NOT NULL), '$[*][*]'
    ),
    '[]'
)
FROM examined x
$_$;

ALTER FUNCTION pms.record_total_findings(accounts text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION record_total_findings(accounts text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_total_findings(accounts text[]) IS 'Record where the kept totals of accounts differ from the sum over their legs

The findings replace those that stand. Returns them.';

--
-- Name: record_transfer(pms.transfer, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_recorded_at timestamptz;
    v_entries pms.entries[];
BEGIN
    -- Locking creates legs that are missing: not for a transfer that is refused anyway.
    IF NOT EXISTS (
        SELECT 1
        FROM pms.positions p
        WHERE (p.account, p.asset, p.mode, p.leg)
            = (asked.from_account, asked.asset, asked.mode, asked.leg)
    )
    THEN
        outcome := 'insufficient';
        RETURN;
    END IF;

    v_recorded_at := pms.lock_legs(ARRAY[
        (asked.from_account, asked.asset, asked.mode, asked.leg),
        (asked.to_account, asked.asset, asked.mode, asked.leg)
    ]::pms.leg_key[]);

    outcome := pms.classify_transfer(asked);
    IF outcome <> 'new' THEN
        RETURN;
    END IF;

    v_entries := pms.transfer_entries(
        (asked.from_account, asked.asset, asked.mode, asked.leg)::pms.leg_key,
        asked.to_account, asked.quantity, asked.price, 'transfer:' || asked.transfer_id,
        v_recorded_at, record_transfer.trace_id
    );
    IF v_entries IS NULL THEN
        outcome := 'insufficient';
        RETURN;
    END IF;

    INSERT INTO pms.transfers (
        account, transfer_id, to_account, asset, mode, leg, quantity, price, recorded_at, trace_id
    )
    VALUES (
        asked.from_account, asked.transfer_id, asked.to_account, asked.asset, asked.mode,
        asked.leg, asked.quantity, asked.price, v_recorded_at, record_transfer.trace_id
    );
    changed := pms.post_entries(v_entries);
    outcome := 'applied';
END
$$;

ALTER FUNCTION pms.record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]) OWNER TO pms_owner;

--
-- Name: FUNCTION record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]) IS 'Record a transfer between accounts and post its entries

outcome: applied; duplicate when it was recorded before; conflict when its transfer_id belongs to
another transfer; insufficient when the account does not hold the quantity. Only applied changes
anything. changed: the legs for pms.finish_entries.';

--
-- Name: recorded_order_progress(text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.recorded_order_progress(account text, order_id text) RETURNS SETOF pms.order_progress
    LANGUAGE sql STABLE ROWS 1
    AS $$
SELECT
    n.party, n.quantity, n.cost, n.fee,
    n.executed_quantity + v.quantity, n.executed_cost + v.cost, n.executed_fee + v.fee,
    0::numeric, NULL::numeric, 0::numeric, NULL::text
FROM (
    SELECT
        max(concat_ws('/', x.asset, x.leg, x.direction)) AS party,
        coalesce(sum(x.quantity), 0) AS quantity,
        coalesce(sum(x.quantity * x.price), 0) AS cost,
        coalesce(sum(x.fee), 0) AS fee,
        coalesce(sum(x.quantity) FILTER (WHERE NOT x.is_total), 0) AS executed_quantity,
        coalesce(sum(x.quantity * x.price) FILTER (WHERE NOT x.is_total), 0) AS executed_cost,
        coalesce(sum(x.fee) FILTER (WHERE NOT x.is_total), 0) AS executed_fee
    FROM (
        SELECT
            e.asset,
            e.leg,
            e.price,
            e.is_total,
            sign(e.quantity) AS direction,
            abs(e.quantity + CASE WHEN e.fee_rate = 0 THEN e.fee_native ELSE 0 END) AS quantity,
            coalesce(e.fee_native, e.fee) AS fee
        FROM (
            -- Written as entries_total_idx and entries_order_idx have it (ADR 0002).
            SELECT t.*, TRUE AS is_total
            FROM pms.entries t
            WHERE t.account || '/' || t.order_id
                = recorded_order_progress.account || '/' || recorded_order_progress.order_id
                AND t.identity LIKE 'order:%'
            UNION ALL
            SELECT t.*, FALSE
            FROM pms.entries t
            WHERE t.account || '/' || t.order_id
                = recorded_order_progress.account || '/' || recorded_order_progress.order_id
                AND t.identity NOT LIKE 'order:%'
        ) e
        WHERE e.kind = 'trade'
            AND e.amends IS NULL
    ) x
) n
-- The ledger holds only a part of an execution that a total had counted before.
CROSS JOIN LATERAL (
    SELECT
        coalesce(sum(abs(f.quantity) - f.counted_quantity), 0) AS quantity,
        coalesce(sum(abs(f.quantity) * f.price - f.counted_quantity * f.counted_price), 0) AS cost,
        coalesce(sum(f.fee - f.counted_fee), 0) AS fee
    FROM pms.subsumed_executions f
    WHERE f.account = recorded_order_progress.account
        AND f.order_id = recorded_order_progress.order_id
) v
$$;

ALTER FUNCTION pms.recorded_order_progress(account text, order_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION recorded_order_progress(account text, order_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.recorded_order_progress(account text, order_id text) IS 'What an order has applied so far, by the ledger; always one row

As it was reported: busts, corrections and conversions do not change what the order has done. Where
account is null, nothing is read, and the order has done nothing.';

--
-- Name: refresh_needs_review(pms.leg_key[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.refresh_needs_review(keys pms.leg_key[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE pms.positions p
    SET needs_review = r.needs_review
    FROM (
        SELECT
            k.account, k.asset, k.mode, k.leg,
            EXISTS (
                SELECT 1
                FROM pms.discrepancies d
                WHERE (d.account, d.asset, d.mode, d.leg) = (k.account, k.asset, k.mode, k.leg)
                    AND d.status = 'open'
            ) AS needs_review
        FROM unnest(refresh_needs_review.keys) k
        -- Looks each leg up once (ADR 0002).
        OFFSET 0
    ) r
    WHERE (p.account, p.asset, p.mode, p.leg) = (r.account, r.asset, r.mode, r.leg)
        AND p.needs_review <> r.needs_review;
END
$$;

ALTER FUNCTION pms.refresh_needs_review(keys pms.leg_key[]) OWNER TO pms_owner;

--
-- Name: FUNCTION refresh_needs_review(keys pms.leg_key[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.refresh_needs_review(keys pms.leg_key[]) IS 'Set or clear needs_review of legs

A leg needs review while one of its discrepancies is open. The legs must be locked.';

--
-- Name: register_first_key(bytea, text, bytea); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.api_keys (id, digest, handle, fingerprint, role, name, tier)
VALUES (
    'first', register_first_key.key_digest, register_first_key.handle,
    register_first_key.fingerprint, 'operator', 'The first key, of the environment', 'operator'
)
ON CONFLICT ON CONSTRAINT api_keys_pkey DO UPDATE
SET digest = excluded.digest,
    handle = excluded.handle,
    fingerprint = excluded.fingerprint
$$;

ALTER FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea) OWNER TO pms_owner;

--
-- Name: FUNCTION register_first_key(key_digest bytea, handle text, fingerprint bytea); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea) IS 'Let the key of the environment in, as operator

Only what cannot be turned back into it comes here. handle: its visible part, ? when it has none. A
changed key replaces the former one.';

--
-- Name: replay_legs(pms.leg_change[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.replay_legs(changes pms.leg_change[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    change pms.leg_change;
    v_events pms.outbox_event[];
    v_exposures pms.exposure_change[];
BEGIN
    -- Once in the life of a database, until autovacuum does it. On a table without statistics every
    -- index that begins with the account looks equal, and a leg might be read by way of all entries
    -- of its account (measured: a new database took its late fills 2.7 times as slowly).
    IF (SELECT c.reltuples < 1 FROM pg_catalog.pg_class c WHERE c.oid = 'pms.entries'::regclass)
    THEN
        ANALYZE pms.entries;
    END IF;

    FOREACH change IN ARRAY replay_legs.changes
    LOOP
        -- Read several times (ADR 0002).
        WITH history AS MATERIALIZED (
            SELECT h.*
            FROM pms.leg_history(
                change.account, change.asset, change.mode, change.leg, change.since
            ) h
        ),

        -- True no longer, they remain as knowledge up to now.
        superseded AS (
            UPDATE pms.checkpoints c
            SET known_to = change.recorded_at
            WHERE (c.account, c.asset, c.mode, c.leg)
                = (change.account, change.asset, change.mode, change.leg)
                AND c.executed_at >= change.since
                AND c.known_to = 'infinity'
        ),

        kept AS (
            INSERT INTO pms.checkpoints (
                account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
                recorded_at, state
            )
            SELECT
                change.account, change.asset, change.mode, change.leg, h.executed_at, h.entry_id,
                change.recorded_at, h.ordinal, h.newest_version, h.newest_recorded_at, h.state
            FROM history h
            WHERE h.entry_id IS NOT NULL
                AND h.ordinal % pms.checkpoint_spacing() = 0
        ),

        -- The newest of the entries known before, or of those that stand for one of them: entries
        -- in order do not change the past.
        comparable AS (
            SELECT (h.state).realized - (h.state).fees_close + (h.state).funding AS realized_pnl
            FROM history h
            WHERE CASE
                WHEN h.entry_id IS NULL OR h.recorded_at < change.recorded_at THEN TRUE
                -- Looked up one by one: an EXISTS would be answered by hashing the whole ledger.
                ELSE (
                    SELECT TRUE
                    FROM pms.entries e
                    INNER JOIN pms.entries o ON e.account = o.account AND e.amends = o.identity
                    WHERE e.account = change.account
                        AND e.id = h.entry_id
                        AND o.recorded_at < change.recorded_at
                    LIMIT 1
                )
            END
            ORDER BY h.ordinal DESC
            LIMIT 1
        ),

        restated AS (
            INSERT INTO pms.restatements (
                account, asset, mode, leg, cause, earliest_at, realized_pnl_before,
                realized_pnl_after, recorded_at, trace_id
            )
            SELECT
                p.account, p.asset, p.mode, p.leg, change.cause, change.since,
                p.realized - p.fees_close + p.funding, n.realized_pnl, change.recorded_at,
                change.trace_id
            FROM pms.positions p
            CROSS JOIN comparable n
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
                -- An entry in order does not change the past, even when it comes with its void.
                AND (p.last_executed_at >= change.since OR change.cause = 'restore')
            RETURNING *
        ),

        last AS (
            SELECT
                h.*,
                coalesce(m.mark_price, p.current_price) AS mark_price,
                i.settlement_currency,
                p.exposure AS former_exposure,
                pms.leg_exposure(
                    (h.state).size, coalesce(m.mark_price, p.current_price),
                    (h.state).multiplier, (h.state).is_inverse
                ) AS exposure
            FROM history h
            CROSS JOIN pms.positions p
            INNER JOIN pms.instruments i ON p.asset = i.asset
            LEFT JOIN pms.prices m ON p.asset = m.asset
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
            ORDER BY h.ordinal DESC
            LIMIT 1
        ),

        stored AS (
            UPDATE pms.positions p
            SET size = (l.state).size,
                cost = (l.state).cost,
                realized = (l.state).realized,
                fees_open = (l.state).fees_open,
                fees_close = (l.state).fees_close,
                funding = (l.state).funding,
                opened_at = (l.state).opened_at,
                closed_at = (l.state).closed_at,
                last_executed_at = l.executed_at,
                entries = l.ordinal,
                checkpointed = (
                    SELECT max(h.ordinal)
                    FROM history h
                    WHERE h.entry_id IS NULL
                        OR h.ordinal % pms.checkpoint_spacing() = 0
                ),
                current_price = l.mark_price,
                exposure = l.exposure,
                version = p.version + change.steps,
                updated_at = change.recorded_at,
                entered_at = change.recorded_at
            FROM last l
            WHERE (p.account, p.asset, p.mode, p.leg)
                = (change.account, change.asset, change.mode, change.leg)
        )

        SELECT
            v_events || ARRAY(SELECT pms.restatement_event(r::pms.restatements) FROM restated r),
            v_exposures || ARRAY(
                SELECT (
                    change.account, l.settlement_currency, l.exposure - l.former_exposure
                )::pms.exposure_change
                FROM last l
            )
        INTO v_events, v_exposures;
    END LOOP;

    PERFORM pms.add_exposures(v_exposures);
    PERFORM pms.publish_events(v_events);
END
$$;

ALTER FUNCTION pms.replay_legs(changes pms.leg_change[]) OWNER TO pms_owner;

--
-- Name: FUNCTION replay_legs(changes pms.leg_change[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.replay_legs(changes pms.leg_change[]) IS 'Fold legs again whose past has changed, and keep what that did

The legs must be locked, the entries and voids stored. From the last checkpoint before the change:
its cost depends on how far back the change is, not on how long the history is. Later
checkpoints are replaced; the difference in realized PnL becomes a restatement, and is published.';

--
-- Name: report_worker(text, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.report_worker(part text, status jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
INSERT INTO pms.worker_reports (part, status, reported_at)
VALUES (report_worker.part, report_worker.status, clock_timestamp())
ON CONFLICT ON CONSTRAINT worker_reports_pkey DO UPDATE
SET status = excluded.status,
    reported_at = excluded.reported_at
$$;

ALTER FUNCTION pms.report_worker(part text, status jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION report_worker(part text, status jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.report_worker(part text, status jsonb) IS 'What a part of the worker says of itself; health reads it

part: ingest, relay or gateway (the reader of its log). Raises 23514 for another part.';

--
-- Name: require_account(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.require_account(account text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    -- A malformed name is left to the checks of arguments: it is in no scope, and nothing is behind it.
    IF pms.in_scope(account) IS FALSE AND pms.check_account(account) IS NULL THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key is bound to other accounts');
    END IF;

    RETURN account;
END
$$;

ALTER FUNCTION pms.require_account(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION require_account(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.require_account(account text) IS 'The account that a request names, if the current key may see it

Null stays null: then it is about all that are in scope, see pms.in_scope. Refuses with:
- 403 when the key is bound to others';

--
-- Name: require_unscoped_key(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.require_unscoped_key() RETURNS void
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF pms.in_scope('*') IS NOT TRUE THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'this key is bound to accounts');
    END IF;
END
$$;

ALTER FUNCTION pms.require_unscoped_key() OWNER TO pms_owner;

--
-- Name: FUNCTION require_unscoped_key(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.require_unscoped_key() IS 'Refuse a key that is bound to accounts

For data without an account that affects them all, such as a price. Refuses with:
- 403 when the key is bound to any';

--
-- Name: resolve_account(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.resolve_account(account text) RETURNS text
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_scope text[] := pms.account_scope();
BEGIN
    RETURN pms.require_account(coalesce(
        account, CASE WHEN v_scope[1] = ALL(v_scope) THEN v_scope[1] ELSE 'main' END
    ));
END
$$;

ALTER FUNCTION pms.resolve_account(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION resolve_account(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.resolve_account(account text) IS 'The one account that a request is about

Null is main, or the only one that the key is bound to. Refuses with:
- 403 when the key is bound to others';

--
-- Name: restatements; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.restatements (
    account text NOT NULL,
    id bigint NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    cause text NOT NULL,
    earliest_at timestamp with time zone NOT NULL,
    realized_pnl_before numeric NOT NULL,
    realized_pnl_after numeric NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    trace_id text,
    CONSTRAINT restatements_cause_is_known CHECK ((cause = ANY (ARRAY['late'::text, 'bust'::text, 'correction'::text, 'restore'::text])))
);

ALTER TABLE pms.restatements OWNER TO pms_owner;

--
-- Name: TABLE restatements; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.restatements IS 'Changes of the past of a leg

Written when an entry arrives that is older than one already folded in, when a folded entry is
voided, or when reconciliation rebuilds a wrong row.';

--
-- Name: COLUMN restatements.earliest_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.restatements.earliest_at IS 'Event time of the oldest entry added or voided: the leg changed from then on.';

--
-- Name: COLUMN restatements.realized_pnl_before; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.restatements.realized_pnl_before IS 'Published realized PnL (gross - closing fees + funding) before.';

--
-- Name: COLUMN restatements.realized_pnl_after; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.restatements.realized_pnl_after IS 'The same after, at the same entry: later entries of the batch are not included.';

--
-- Name: restatement_event(pms.restatements); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.restatement_event(stated pms.restatements) RETURNS pms.outbox_event
    LANGUAGE sql STABLE
    AS $$
SELECT (
    'position', stated.account || '/' || stated.asset || '/' || stated.mode,
    'position_restated', stated.trace_id,
    jsonb_build_object(
        'restatement_id', stated.id,
        'position_id', pms.position_id(stated.account, stated.asset, stated.mode),
        'asset', stated.asset,
        'mode', stated.mode,
        'account', stated.account,
        'leg', stated.leg,
        'cause', stated.cause,
        'earliest_at', pms.time_text(stated.earliest_at),
        'realized_pnl_before', pms.decimal_text(stated.realized_pnl_before),
        'realized_pnl_after', pms.decimal_text(stated.realized_pnl_after),
        'realized_pnl_change',
        pms.decimal_text(stated.realized_pnl_after - stated.realized_pnl_before),
        'occurred_at', pms.time_text(stated.recorded_at)
    )
)::pms.outbox_event
$$;

ALTER FUNCTION pms.restatement_event(stated pms.restatements) OWNER TO pms_owner;

--
-- Name: FUNCTION restatement_event(stated pms.restatements); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.restatement_event(stated pms.restatements) IS 'The event of a restatement

The position itself is published as after every change; this event says how its past changed.';

--
-- Name: restore_account_totals(text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.restore_account_totals(accounts text[]) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_wrong CONSTANT text[] := ARRAY(
        SELECT DISTINCT w.account FROM pms.wrong_account_totals(restore_account_totals.accounts) w
    );
BEGIN
    IF v_wrong = '{}' THEN
        RETURN;
    END IF;

    -- With all legs locked nobody else adds to the totals.
    PERFORM pms.lock_stored_legs(ARRAY(
        SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
        FROM pms.positions p
        WHERE p.account = ANY(v_wrong)
    ));
    PERFORM pms.add_exposures(ARRAY(
        SELECT (w.account, w.currency, w.expected - w.stored)::pms.exposure_change
        FROM pms.wrong_account_totals(v_wrong) w
    ));
END
$$;

ALTER FUNCTION pms.restore_account_totals(accounts text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION restore_account_totals(accounts text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.restore_account_totals(accounts text[]) IS 'Set the kept exposure of accounts to the sum over their legs, where it differs';

--
-- Name: role_may_request(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.role_may_request(role_name text, method text, path text) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $_$
DECLARE
    v_function text := substring(role_may_request.path FROM '^/rpc/(.+)$');
    v_relation regclass := pg_catalog.to_regclass(
        'api.' || pg_catalog.quote_ident(ltrim(role_may_request.path, '/'))
    );
BEGIN
    IF v_function IS NOT NULL THEN
        RETURN coalesce(
            (
                SELECT bool_or(pg_catalog.has_function_privilege(
                    role_may_request.role_name, f.oid, 'EXECUTE'
                ))
                FROM pg_catalog.pg_proc f
                INNER JOIN pg_catalog.pg_namespace n ON f.pronamespace = n.oid
                WHERE n.nspname = 'api'
                    AND f.proname = v_function
            ),
            TRUE
        );
    END IF;

    IF v_relation IS NOT NULL THEN
        RETURN pg_catalog.has_table_privilege(
            role_may_request.role_name,
            v_relation,
            CASE role_may_request.method
                WHEN 'GET' THEN 'SELECT'
                WHEN 'HEAD' THEN 'SELECT'
                WHEN 'POST' THEN 'INSERT'
                WHEN 'DELETE' THEN 'DELETE'
                ELSE 'UPDATE'
            END
        );
    END IF;

    RETURN TRUE;
END
$_$;

ALTER FUNCTION pms.role_may_request(role_name text, method text, path text) OWNER TO pms_owner;

--
-- Name: FUNCTION role_may_request(role_name text, method text, path text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.role_may_request(role_name text, method text, path text) IS 'Whether a role may use what a request of PostgREST names

method and path as PostgREST has them. What does not exist is for PostgREST to refuse: true.';

--
-- Name: round_trip_flows(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) RETURNS SETOF pms.round_trip_flow
    LANGUAGE sql STABLE
    AS $$
WITH moment AS (
    SELECT
        h.entry_id,
        h.executed_at,
        h.ordinal,
        h.state AS held,
        lag(h.state) OVER place AS before,
        lead(h.executed_at) OVER place AS next_at,
        -- What the history starts from was never open: its first cycle is the first of all.
        (first_value(h.state) OVER place).opened_at IS NULL AS is_whole
    FROM pms.leg_history(
        round_trip_flows.account, round_trip_flows.asset, round_trip_flows.mode, round_trip_flows.leg,
        round_trip_flows.since, round_trip_flows.until
    ) h
    WINDOW place AS (ORDER BY h.ordinal)
),

compared AS (
    SELECT
        m.entry_id, m.executed_at, m.next_at, m.ordinal, m.held, m.is_whole,
        -- Looked up one by one: a join might read the whole ledger for a few entries (ADR 0002).
        coalesce(
            (
                SELECT e.kind
                FROM pms.entries e
                WHERE e.account = round_trip_flows.account
                    AND e.id = m.entry_id
            ),
            'funding'
        ) AS kind,
        b.size AS size_before,
        b.cost AS cost_before,
        (m.held).size - b.size AS size_change,
        (m.held).cost - b.cost AS cost_change,
        (m.held).realized - b.realized AS realized,
        (m.held).fees_open - b.fees_open AS fees_open,
        (m.held).fees_close - b.fees_close AS fees_close,
        (m.held).funding - b.funding AS funding,
        sign((m.held).size) <> sign(b.size) AS has_turned
    FROM moment m
    CROSS JOIN LATERAL (
        SELECT
            coalesce((m.before).size, 0),
            coalesce((m.before).cost, 0),
            coalesce((m.before).realized, 0),
            coalesce((m.before).fees_open, 0),
            coalesce((m.before).fees_close, 0),
            coalesce((m.before).funding, 0)
    ) b (size, cost, realized, fees_open, fees_close, funding)
    WHERE m.entry_id IS NOT NULL
        OR m.is_whole
    -- Computed once, not by each column that reads it (ADR 0002).
    OFFSET 0
),

sorted AS (
    SELECT
        c.*,
        c.has_turned AND (c.held).size <> 0 AS is_opening,
        c.has_turned AND c.size_before <> 0 AS is_closing,
        c.kind IN ('opening', 'adjustment') OR sign(c.size_change) = sign(c.size_before) AS is_entry
    FROM compared c
),

numbered AS (
    SELECT
        s.*,
        greatest(
            count(*) FILTER (WHERE s.is_opening) OVER (ORDER BY s.ordinal),
            s.is_whole::integer
        ) AS cycle
    FROM sorted s
)

SELECT
    p.cycle, n.entry_id, n.kind, n.executed_at, n.next_at, p.is_opening, p.is_closing,
    p.entry_quantity, p.entry_value, p.exit_quantity, p.exit_value,
    p.realized, p.fees, p.funding, p.held
FROM numbered n
CROSS JOIN LATERAL (
    -- The closing part of a flip.
    SELECT
        n.cycle - 1 AS cycle,
        FALSE AS is_opening,
        TRUE AS is_closing,
        CASE WHEN n.is_entry THEN -n.size_before ELSE 0 END AS entry_quantity,
        CASE WHEN n.is_entry THEN -n.cost_before ELSE 0 END AS entry_value,
        CASE WHEN n.is_entry THEN 0 ELSE -n.size_before END AS exit_quantity,
        CASE WHEN n.is_entry THEN 0 ELSE -n.realized - n.cost_before END AS exit_value,
        n.realized AS realized,
        n.fees_close AS fees,
        0 AS funding,
        NULL::pms.leg_state AS held
    WHERE n.is_opening
        AND n.is_closing
    UNION ALL
    -- PnL realized by an opening was carried over.
    SELECT
        n.cycle, TRUE, FALSE, (n.held).size, (n.held).cost, 0, 0,
        CASE WHEN n.is_closing THEN 0 ELSE n.realized END, n.fees_open, n.funding, n.held
    WHERE n.is_opening
    UNION ALL
    -- The value of an exit is the cost it releases and the PnL it realizes.
    SELECT
        n.cycle, FALSE, n.is_closing,
        CASE WHEN n.is_entry THEN n.size_change ELSE 0 END,
        CASE WHEN n.is_entry THEN n.cost_change ELSE 0 END,
        CASE WHEN n.is_entry THEN 0 ELSE n.size_change END,
        CASE WHEN n.is_entry THEN 0 ELSE n.cost_change - n.realized END,
        n.realized, n.fees_open + n.fees_close, n.funding, n.held
    WHERE NOT n.is_opening
) p
$$;

ALTER FUNCTION pms.round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) IS 'What the entries of a leg did in its cycles

From the last checkpoint before since, through the entries of event time up to until. Cycles are
numbered from 1, the first that begins there; 0 is one that began before. Funding that comes when the
leg is flat belongs to the cycle that ended last, before any to the first: from the beginning of time
on, the sums over all cycles are those of the leg.';

--
-- Name: round_trip_json(pms.round_trip); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.round_trip_json(c pms.round_trip) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('leg', (c).leg, 'direction', (c).direction, 'opened_at', pms.time_text((c).opened_at), 'closed_at', pms.time_text((c).closed_at), 'duration_minutes', (c).duration_minutes, 'opening_entry_id', (c).opening_entry_id, 'closing_entry_id', (c).closing_entry_id, 'entries', (c).entries, 'average_entry_price', pms.decimal_text((c).average_entry_price), 'average_exit_price', pms.decimal_text((c).average_exit_price), 'peak_size', pms.decimal_text((c).peak_size), 'quantity_traded', pms.decimal_text((c).quantity_traded), 'realized', pms.decimal_text((c).realized), 'fees_paid', pms.decimal_text((c).fees_paid), 'funding', pms.decimal_text((c).funding), 'net_pnl', pms.decimal_text((c).net_pnl), 'mae', pms.decimal_text((c).mae), 'mfe', pms.decimal_text((c).mfe), 'price_minutes', (c).price_minutes, 'settlement_currency', (c).settlement_currency);

ALTER FUNCTION pms.round_trip_json(c pms.round_trip) OWNER TO pms_owner;

--
-- Name: FUNCTION round_trip_json(c pms.round_trip); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.round_trip_json(c pms.round_trip) IS 'A cycle in the notation of the contract.';

--
-- Name: round_trips(text, text, text, text, timestamp with time zone, timestamp with time zone); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone) RETURNS SETOF pms.round_trip
    LANGUAGE plpgsql STABLE
    SET jit TO 'off'
    AS $$
DECLARE
    v_since timestamptz;
    v_until timestamptz;
BEGIN
    -- The oldest cycle in question may have been open already when the time begins.
    SELECT CASE WHEN (h.state).size = 0 THEN round_trips.from_time ELSE (h.state).opened_at END
    INTO v_since
    FROM pms.leg_state_at(
        round_trips.account, round_trips.asset, round_trips.mode, round_trips.leg,
        round_trips.from_time - INTERVAL '1 microsecond'
    ) h;

    -- Funding of the newest cycle may arrive when the leg is flat again. The next entry of another
    -- kind is no part of a cycle that closed before.
    v_until := pms.next_trade_at(
        round_trips.account, round_trips.asset, round_trips.mode, round_trips.leg,
        round_trips.to_time
    );

    RETURN QUERY
    WITH flow AS (
        SELECT
            f.*,
            max(f.executed_at) FILTER (WHERE f.is_closing) OVER cycle AS closed_at,
            max((f.held).realized) FILTER (WHERE f.is_opening) OVER cycle AS realized_before
        FROM pms.round_trip_flows(
            round_trips.account, round_trips.asset, round_trips.mode, round_trips.leg,
            v_since, v_until
        ) f
        WINDOW cycle AS (PARTITION BY f.cycle)
    ),

    summed AS (
        SELECT
            min(f.executed_at) FILTER (WHERE f.is_opening) AS opened_at,
            f.closed_at,
            max(f.entry_id) FILTER (WHERE f.is_opening) AS opening_entry_id,
            max(f.entry_id) FILTER (WHERE f.is_closing) AS closing_entry_id,
            max(sign((f.held).size)) FILTER (WHERE f.is_opening) AS direction,
            count(f.entry_id) AS entries,
            sum(f.entry_quantity) AS entry_quantity,
            sum(f.entry_value) AS entry_value,
            sum(f.exit_quantity) AS exit_quantity,
            sum(f.exit_value) AS exit_value,
            max(abs((f.held).size)) AS peak_size,
            sum(abs(f.entry_quantity) + abs(f.exit_quantity))
                FILTER (WHERE f.kind NOT IN ('opening', 'adjustment')) AS quantity_traded,
            sum(f.realized) AS realized,
            sum(f.fees) AS fees,
            sum(f.funding) AS funding,
            min(least(w.at_low, w.at_high)) AS worst,
            max(greatest(w.at_low, w.at_high)) AS best,
            max((f.held).multiplier) AS multiplier,
            bool_or((f.held).is_inverse) AS is_inverse
        FROM flow f
        LEFT JOIN LATERAL pms.price_range(round_trips.asset, f.executed_at, f.next_at) r
            ON (f.held).size <> 0 AND f.executed_at < f.next_at
        CROSS JOIN LATERAL (
            SELECT
                (f.held).realized - f.realized_before - (f.held).cost + pms.contract_value(
                    (f.held).size, r.low_price, (f.held).multiplier, (f.held).is_inverse
                ),
                (f.held).realized - f.realized_before - (f.held).cost + pms.contract_value(
                    (f.held).size, r.high_price, (f.held).multiplier, (f.held).is_inverse
                )
        ) w (at_low, at_high)
        WHERE f.cycle > 0
            AND f.closed_at BETWEEN round_trips.from_time AND round_trips.to_time
        GROUP BY f.cycle, f.closed_at
    )

    SELECT
        round_trips.leg,
        CASE s.direction WHEN 1 THEN 'long' ELSE 'short' END,
        s.opened_at,
        s.closed_at,
        floor(extract(EPOCH FROM s.closed_at - s.opened_at) / 60)::bigint,
        s.opening_entry_id,
        s.closing_entry_id,
        s.entries,
        trim_scale(pms.average_price(
            s.entry_quantity, s.entry_value, s.multiplier, s.is_inverse
        )),
        trim_scale(pms.average_price(s.exit_quantity, s.exit_value, s.multiplier, s.is_inverse)),
        trim_scale(s.peak_size),
        trim_scale(coalesce(s.quantity_traded, 0)),
        trim_scale(s.realized),
        trim_scale(s.fees),
        trim_scale(s.funding),
        trim_scale(s.realized - s.fees + s.funding),
        -- The cycle began at 0.
        CASE WHEN r.price_minutes > 0 THEN trim_scale(least(s.worst, 0)) END,
        CASE WHEN r.price_minutes > 0 THEN trim_scale(greatest(s.best, 0)) END,
        r.price_minutes,
        i.settlement_currency
    FROM summed s
    INNER JOIN pms.instruments i ON i.asset = round_trips.asset
    CROSS JOIN LATERAL pms.price_range(round_trips.asset, s.opened_at, s.closed_at) r
    ORDER BY s.closed_at DESC, s.closing_entry_id DESC;
END
$$;

ALTER FUNCTION pms.round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone) IS 'The cycles of a leg that closed within a time, newest first

Bounds inclusive. Folds from the checkpoint before the oldest of them opened.';

--
-- Name: row_versions(xid8, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean) RETURNS record
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    -- Those under way may have higher numbers than the snapshot; there are fewer of them.
    c_running CONSTANT bigint := 1 << 20;
    v_transactions CONSTANT bigint := pg_snapshot_xmax(pg_current_snapshot())::text::bigint
    - seen_before::text::bigint;
    v_age CONSTANT bigint := age(seen_before::xid);
BEGIN
    -- xmin has 32 bits: a version so old that it seems new costs a reading, and no more.
    SELECT
        count(*),
        bool_or(((v_age - age(i.written_by)) & 4294967295) < v_transactions + c_running)
        -- Restored from a dump of another server, with more transactions.
        OR v_transactions < 0
    INTO row_versions.row_count, row_versions.has_changes
    FROM (
        SELECT p.xmin FROM pms.positions p
        UNION ALL
        SELECT i.xmin FROM pms.instruments i
        UNION ALL
        SELECT m.xmin FROM pms.prices m
        UNION ALL
        SELECT u.xmin FROM pms.unconverted_fees u
        UNION ALL
        SELECT s.xmin FROM pms.settings s
        UNION ALL
        -- Other code may compute other totals.
        SELECT d.xmin FROM pms.loaded_code d
        UNION ALL
        SELECT c.xmin FROM pms.capital c
        UNION ALL
        SELECT l.xmin FROM pms.limits l
        UNION ALL
        SELECT k.xmin FROM pms.equity_marks k WHERE row_versions.reads_marks
    ) i (written_by);
END
$$;

ALTER FUNCTION pms.row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean) IS 'The number of rows that totals and limits depend on, and whether one has a new version

seen_before: all transactions before it had ended in an earlier snapshot. A version that this
snapshot did not see was written by a transaction that ran then, by one of its subtransactions, or
later: not by one before seen_before. Without such a version, and with as many rows, the rows are
the same. Reads no value, and writers have no part in it. has_changes is null without seen_before.';

--
-- Name: rule_findings(text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.rule_findings(account text, asset text, mode text) RETURNS SETOF pms.finding
    LANGUAGE sql STABLE
    AS $$
WITH entered AS (
    SELECT
        e.leg,
        bool_or(e.kind IN ('opening', 'adjustment')) AS is_stated,
        sum(coalesce(
            e.amount, pms.contract_value(e.quantity, e.price, i.multiplier, i.kind = 'inverse')
        )) FILTER (WHERE e.kind IN ('trade', 'transfer')) AS traded_value
    FROM pms.entries e
    INNER JOIN pms.instruments i ON e.asset = i.asset
    WHERE e.account = rule_findings.account
        AND e.asset = rule_findings.asset
        AND e.mode = rule_findings.mode
        AND NOT EXISTS (
            SELECT 1 FROM pms.voids v WHERE v.account = e.account AND v.entry_id = e.id
        )
    GROUP BY e.leg
)

SELECT n.*
FROM pms.positions p
INNER JOIN entered e ON p.leg = e.leg
CROSS JOIN LATERAL (
    VALUES
    -- No money comes from nowhere: what was earned is what was paid and received, as far as nobody
    -- said otherwise.
    (
        'realized - cost', p.realized - p.cost, -coalesce(e.traded_value, 0),
        e.is_stated OR p.realized - p.cost = -coalesce(e.traded_value, 0)
    ),
    -- A leg of a hedge does not cross zero: that is what its other leg is for.
    (
        'size', p.size, 0,
        CASE p.leg WHEN 'long' THEN p.size >= 0 WHEN 'short' THEN p.size <= 0 ELSE TRUE END
    )
) r (field, stored, expected, holds)
CROSS JOIN LATERAL pms.ledger_finding(
    p.account, p.asset, p.mode, p.leg, 'rule', r.field, pms.decimal_text(r.stored),
    pms.decimal_text(r.expected), 'record, bust or correct the fill that is wrong'
) n
WHERE p.account = rule_findings.account
    AND p.asset = rule_findings.asset
    AND p.mode = rule_findings.mode
    AND NOT r.holds
ORDER BY p.leg, r.field
$$;

ALTER FUNCTION pms.rule_findings(account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION rule_findings(account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.rule_findings(account text, asset text, mode text) IS 'Where stored legs break a rule that every leg keeps

Independent of the fold, so that an error in it does not pass unseen. Source: accounting.md,
"Invariants". expected is the limit where the rule is an inequality.';

--
-- Name: run_job(text, boolean, text); Type: PROCEDURE; Schema: pms; Owner: pms_owner
--

CREATE PROCEDURE pms.run_job(IN job text, IN only_when_due boolean DEFAULT false, INOUT done text DEFAULT NULL::text)
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id bigint;
    v_run pms.job_runs;
BEGIN
    SELECT b.run, b.said INTO v_id, done FROM pms.begin_job(job, only_when_due) b;

    IF v_id IS NULL THEN
        RETURN;
    END IF;

    LOOP
        COMMIT;
        EXIT WHEN v_run.status <> 'running';

        BEGIN
            v_run := pms.continue_job(v_id);
        EXCEPTION
            -- The session may live on, and with it the lock.
            WHEN query_canceled THEN
                PERFORM pg_advisory_unlock(pms.job_lock(job));
                RAISE;
        END;
    END LOOP;

    PERFORM pg_advisory_unlock(pms.job_lock(job));
    done := coalesce(v_run.result, format('failed: %s (%s)', v_run.error, v_run.error_code));
END
$$;

ALTER PROCEDURE pms.run_job(IN job text, IN only_when_due boolean, INOUT done text) OWNER TO pms_owner;

--
-- Name: PROCEDURE run_job(IN job text, IN only_when_due boolean, INOUT done text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON PROCEDURE pms.run_job(IN job text, IN only_when_due boolean, INOUT done text) IS 'Run a job of pms.jobs to its end, step by step

Reports its result. Of two at once one does the work, and the other reports that. only_when_due: not before
its interval has passed since its last success began. A job that fails is kept in pms.job_runs with
its error; it stops no other, and is due until it succeeds.';

--
-- Name: save_checkpoints(pms.leg_key[], integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer) RETURNS bigint
    LANGUAGE sql
    AS $$
WITH saved AS (
    INSERT INTO pms.checkpoints (
        account, asset, mode, leg, executed_at, entry_id, known_from, ordinal, version,
        recorded_at, state
    )
    SELECT
        p.account, p.asset, p.mode, p.leg, h.executed_at, h.entry_id, p.updated_at, h.ordinal,
        h.version, h.recorded_at, h.state
    FROM unnest(save_checkpoints.legs) k
    INNER JOIN pms.positions p USING (account, asset, mode, leg)
    CROSS JOIN LATERAL pms.leg_state_at(p.account, p.asset, p.mode, p.leg, 'infinity') h
    WHERE p.entries - p.checkpointed >= save_checkpoints.spacing
        -- A row that differs from its ledger is corrected by reconciliation.
        AND h.ordinal = p.entries
    RETURNING account, asset, mode, leg, ordinal
),

counted AS (
    UPDATE pms.positions p
    SET checkpointed = s.ordinal
    FROM saved s
    WHERE (p.account, p.asset, p.mode, p.leg) = (s.account, s.asset, s.mode, s.leg)
    RETURNING 1
)

SELECT count(*) FROM counted
$$;

ALTER FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer) OWNER TO pms_owner;

--
-- Name: FUNCTION save_checkpoints(legs pms.leg_key[], spacing integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer) IS 'Save the present state of legs as checkpoints; return how many

Of those with at least spacing entries since their last checkpoint. The legs must be locked. The
state is that of the newest entry: a price may have changed the row since.';

--
-- Name: schedule_jobs(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.schedule_jobs() RETURNS text
    LANGUAGE plpgsql
    AS $_$
DECLARE
    v_cron regnamespace := to_regnamespace('cron');
    v_jobs text[] := ARRAY(SELECT j.job FROM pms.jobs j ORDER BY j.job);
    v_job text;
BEGIN
    IF v_cron IS NULL THEN
        RETURN 'no jobs are scheduled: pg_cron is not in this database';
    END IF;

    -- pg_cron asks each job once a minute; how often that does something is a setting.
    FOREACH v_job IN ARRAY v_jobs
    LOOP
        EXECUTE format('SELECT %s.schedule($1, $2, $3)', v_cron)
        USING v_job, '* * * * *', format('CALL pms.run_job(%L, only_when_due => TRUE)', v_job);
    END LOOP;

    -- Those of an earlier release.
    EXECUTE format(
        $query$
            SELECT %1$s.unschedule(c.jobid)
            FROM %1$s.job c
            WHERE c.username = current_user
                AND c.command LIKE 'CALL pms.run_job(%%'
                AND c.jobname <> ALL ($1)
        $query$,
        v_cron
    )
    USING v_jobs;

    RETURN format('scheduled: %s', array_to_string(v_jobs, ', '));
END
$_$;

ALTER FUNCTION pms.schedule_jobs() OWNER TO pms_owner;

--
-- Name: FUNCTION schedule_jobs(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.schedule_jobs() IS 'Schedule the jobs in pg_cron, as the caller

Safe to repeat. Without pg_cron it does nothing and reports that: there the command line runs
them.';

--
-- Name: select_legs(timestamp with time zone, timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text) RETURNS pms.priced_leg[]
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF select_legs.as_of IS NULL AND select_legs.known_at IS NULL THEN
        RETURN pms.current_legs(select_legs.account);
    END IF;

    RETURN ARRAY(
        SELECT l
        FROM pms.legs_as_of(
            coalesce(select_legs.as_of, 'infinity'),
            coalesce(select_legs.known_at, 'infinity'),
            select_legs.account
        ) l
        WHERE pms.in_scope(l.account)
    );
END
$$;

ALTER FUNCTION pms.select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text) IS 'The legs of a request: current, or at a point in time

as_of and known_at: null is now; account: null is all accounts that are in scope. Without both it is the stored rows,
else the ledger.';

--
-- Name: select_positions(timestamp with time zone, timestamp with time zone, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text) RETURNS SETOF pms.current_positions
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    IF as_of IS NOT NULL OR known_at IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.positions_from_legs(
            pms.select_legs(
                select_positions.as_of, select_positions.known_at, select_positions.account
            ),
            least(select_positions.as_of, now())
        ) p
        WHERE (select_positions.asset IS NULL OR p.asset = select_positions.asset)
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    -- A statement for each: one for all would read every account, or be planned at each call.
    ELSIF account IS NOT NULL AND asset IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.account = select_positions.account
            AND p.asset = select_positions.asset
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSIF account IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.account = select_positions.account
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSIF asset IS NOT NULL THEN
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE p.asset = select_positions.asset
            AND (select_positions.mode IS NULL OR p.mode = select_positions.mode);
    ELSE
        RETURN QUERY
        SELECT p.*
        FROM pms.current_positions p
        WHERE select_positions.mode IS NULL
            OR p.mode = select_positions.mode;
    END IF;
END
$$;

ALTER FUNCTION pms.select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text) OWNER TO pms_owner;

--
-- Name: FUNCTION select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text) IS 'The positions of a request: current, or at a point in time

as_of and known_at: null is now, see pms.select_legs. account, asset and mode: null is all of them,
of the accounts in scope.';

--
-- Name: set_outbox_reader(boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.set_outbox_reader(is_waiting boolean) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO ''
    AS $$
INSERT INTO pms.outbox_reader (is_waiting)
VALUES (set_outbox_reader.is_waiting)
ON CONFLICT ON CONSTRAINT outbox_reader_pkey DO UPDATE
SET is_waiting = excluded.is_waiting
$$;

ALTER FUNCTION pms.set_outbox_reader(is_waiting boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION set_outbox_reader(is_waiting boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.set_outbox_reader(is_waiting boolean) IS 'Record whether the reader of the outbox waits for a notification

A reader that begins to wait must look once more afterwards: a transaction under way may not have
seen it.';

--
-- Name: simulated_fill_json(pms.order_event); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.simulated_fill_json(fill pms.order_event) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('account', (fill).account, 'asset', (fill).asset, 'mode', (fill).mode, 'position_side', NULLIF((fill).leg, 'net'::text), 'side', CASE WHEN ((fill).quantity > (0)::numeric) THEN 'buy'::text ELSE 'sell'::text END, 'quantity', pms.decimal_text(abs((fill).quantity)), 'price', pms.decimal_text((fill).price), 'fee', pms.decimal_text((fill).fee));

ALTER FUNCTION pms.simulated_fill_json(fill pms.order_event) OWNER TO pms_owner;

--
-- Name: FUNCTION simulated_fill_json(fill pms.order_event); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.simulated_fill_json(fill pms.order_event) IS 'The fill that a check is about.';

--
-- Name: simulated_position_json(pms.priced_leg[], pms.order_event); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.simulated_position_json(legs pms.priced_leg[], fill pms.order_event) RETURNS jsonb
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    v_legs pms.priced_leg[] := ARRAY(
        SELECT l FROM unnest(legs) l WHERE l.account = fill.account
    );
BEGIN
    RETURN (
        SELECT
            jsonb_build_object('exposure_usdt', pms.decimal_text(p.exposure_usdt))
            || pms.position_json(p)
            - '{id,version,time_held_minutes,price_updated_at,needs_review,last_updated,
                last_snapshot_at,closed_at,created_at,unconverted_fees}'::text[]
        FROM pms.positions_from_legs(v_legs, now()) p
        WHERE p.asset = fill.asset
            AND p.mode = fill.mode
    );
END
$$;

ALTER FUNCTION pms.simulated_position_json(legs pms.priced_leg[], fill pms.order_event) OWNER TO pms_owner;

--
-- Name: FUNCTION simulated_position_json(legs pms.priced_leg[], fill pms.order_event); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.simulated_position_json(legs pms.priced_leg[], fill pms.order_event) IS 'The position of a simulated fill, of legs before or after it

Null when there is none. What depends on the moment or on storage is left out.';

--
-- Name: snapshots; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.snapshots (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    position_id uuid NOT NULL,
    size numeric NOT NULL,
    average_entry_price numeric,
    current_price numeric,
    unrealized_pnl numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    long_size numeric,
    short_size numeric,
    unrealized_pnl_pct numeric,
    time_held_minutes bigint,
    position_size_norm numeric,
    cost_basis numeric NOT NULL,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    fees_paid numeric NOT NULL,
    funding numeric NOT NULL,
    net_pnl numeric NOT NULL,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    settlement_currency text NOT NULL,
    unconverted_fees bigint NOT NULL,
    price_status text NOT NULL,
    price_updated_at timestamp with time zone,
    needs_review boolean NOT NULL,
    last_updated timestamp with time zone NOT NULL,
    last_snapshot_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    position_created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL
)
PARTITION BY RANGE (created_at);

ALTER TABLE pms.snapshots OWNER TO pms_owner;

--
-- Name: TABLE snapshots; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.snapshots IS 'Positions at points in time, for analytics and training

At most one snapshot per position and moment. Partitioned by month (UTC), so that retention drops a
table. The columns are those of api.positions. pms.position_json builds the contract''s snapshot_data
from them on reading: stored beside them it would triple the row (1,253 bytes instead of 398, 80 of
them in the index) to save a reader 12 microseconds a row.';

--
-- Name: COLUMN snapshots.created_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.snapshots.created_at IS 'The moment; one for all snapshots of a run.';

--
-- Name: COLUMN snapshots.position_created_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.snapshots.position_created_at IS 'When the position was first recorded.';

--
-- Name: snapshot_position(pms.snapshots); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.snapshot_position(s pms.snapshots) RETURNS pms.current_positions
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN ROW((s).account, (s).position_id, (s).asset, (s).mode, (s).size, (s).average_entry_price, (s).current_price, (s).unrealized_pnl, (s).realized_pnl, (s).long_size, (s).short_size, (s).unrealized_pnl_pct, (s).time_held_minutes, (s).position_size_norm, (s).cost_basis, (s).exposure_usdt, (s).net_exposure_usdt, (s).fees_paid, (s).funding, (s).net_pnl, (s).unrealized_pnl_usdt, (s).realized_pnl_usdt, (s).fees_paid_usdt, (s).funding_usdt, (s).net_pnl_usdt, (s).settlement_currency, (s).unconverted_fees, (s).price_status, (s).price_updated_at, (s).needs_review, (s).last_updated, (s).last_snapshot_at, (s).closed_at, (s).position_created_at, (s).version)::pms.current_positions;

ALTER FUNCTION pms.snapshot_position(s pms.snapshots) OWNER TO pms_owner;

--
-- Name: FUNCTION snapshot_position(s pms.snapshots); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.snapshot_position(s pms.snapshots) IS 'The position as it was published at the moment of a snapshot.';

--
-- Name: snapshot_json(pms.snapshots); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.snapshot_json(s pms.snapshots) RETURNS jsonb
    LANGUAGE sql STABLE
    RETURN jsonb_build_object('id', (s).id, 'position_id', (s).position_id, 'account', (s).account, 'asset', (s).asset, 'mode', (s).mode, 'snapshot_data', pms.position_json(pms.snapshot_position(s)), 'created_at', pms.time_text((s).created_at));

ALTER FUNCTION pms.snapshot_json(s pms.snapshots) OWNER TO pms_owner;

--
-- Name: FUNCTION snapshot_json(s pms.snapshots); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.snapshot_json(s pms.snapshots) IS 'A snapshot as the contract writes it

Source: contract.md, section 1, "Snapshot".';

--
-- Name: snapshot_moment(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.snapshot_moment(account text DEFAULT NULL::text) RETURNS timestamp with time zone
    LANGUAGE sql
    AS $$
SELECT greatest(clock_timestamp(), max(p.last_snapshot_at) + INTERVAL '1 microsecond')
FROM pms.positions p
WHERE snapshot_moment.account IS NULL OR p.account = snapshot_moment.account
$$;

ALTER FUNCTION pms.snapshot_moment(account text) OWNER TO pms_owner;

--
-- Name: FUNCTION snapshot_moment(account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.snapshot_moment(account text) IS 'The moment of snapshots that are begun now

Later than any before it, also when the clock was set back. account null: of all accounts.';

--
-- Name: snapshot_positions(pms.position_key[], timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text) RETURNS SETOF pms.snapshots
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_due pms.position_key[];
    v_taken pms.snapshots[];
BEGIN
    -- Locked in the order of the key, as by fills and prices, so that a position does not change
    -- between its snapshot and the record of it.
    PERFORM 1
    FROM pms.positions p
    INNER JOIN unnest(snapshot_positions.keys) k
        ON p.account = k.account AND p.asset = k.asset AND p.mode = k.mode
    ORDER BY p.account, p.asset, p.mode, p.leg
    FOR UPDATE OF p;

    -- One that was taken of the same moment or a later one meanwhile is good enough.
    v_due := ARRAY(
        SELECT (p.account, p.asset, p.mode)::pms.position_key
        FROM pms.positions p
        INNER JOIN unnest(snapshot_positions.keys) k
            ON p.account = k.account AND p.asset = k.asset AND p.mode = k.mode
        WHERE p.version > 0
        GROUP BY p.account, p.asset, p.mode
        HAVING coalesce(max(p.last_snapshot_at) < snapshot_positions.taken_at, TRUE)
        ORDER BY p.account, p.asset, p.mode
    );

    UPDATE pms.positions p
    SET last_snapshot_at = snapshot_positions.taken_at
    FROM unnest(v_due) k
    WHERE p.account = k.account
        AND p.asset = k.asset
        AND p.mode = k.mode
        AND p.version > 0;

    -- Measured: finding the checkpoint of a leg takes 0.07 ms, folding an entry 0.005 ms. After an
    -- eighth of the usual spacing, 32 entries, at most 0.2 ms of folding remains, and the
    -- checkpoints of snapshots take a fortieth of the room of the entries; sooner they would only
    -- take more.
    PERFORM pms.save_checkpoints(
        ARRAY(
            SELECT (p.account, p.asset, p.mode, p.leg)::pms.leg_key
            FROM pms.positions p
            INNER JOIN unnest(v_due) k USING (account, asset, mode)
        ),
        greatest(pms.checkpoint_spacing() / 8, 1)
    );

    WITH taken AS (
        INSERT INTO pms.snapshots (
            created_at, account, position_id, asset, mode, size, average_entry_price,
            current_price, unrealized_pnl, realized_pnl, long_size, short_size,
            unrealized_pnl_pct, time_held_minutes, position_size_norm, cost_basis,
            exposure_usdt, net_exposure_usdt, fees_paid, funding, net_pnl, unrealized_pnl_usdt,
            realized_pnl_usdt, fees_paid_usdt, funding_usdt, net_pnl_usdt, settlement_currency,
            unconverted_fees, price_status, price_updated_at, needs_review, last_updated,
            last_snapshot_at, closed_at, position_created_at, version
        )
        SELECT
            snapshot_positions.taken_at, p.account, p.id, p.asset, p.mode, p.size,
            p.average_entry_price, p.current_price, p.unrealized_pnl, p.realized_pnl,
            p.long_size, p.short_size, p.unrealized_pnl_pct, p.time_held_minutes,
            p.position_size_norm, p.cost_basis, p.exposure_usdt, p.net_exposure_usdt,
            p.fees_paid, p.funding, p.net_pnl, p.unrealized_pnl_usdt, p.realized_pnl_usdt,
            p.fees_paid_usdt, p.funding_usdt, p.net_pnl_usdt, p.settlement_currency,
            p.unconverted_fees, p.price_status, p.price_updated_at, p.needs_review,
            p.last_updated, p.last_snapshot_at, p.closed_at, p.created_at, p.version
        FROM pms.current_positions_of(v_due) p
        ORDER BY p.account, p.asset, p.mode
        RETURNING *
    )

    SELECT array_agg(t::pms.snapshots)
    INTO v_taken
    FROM taken t;

    PERFORM pms.publish_events(ARRAY(
        SELECT (
            'position', e.account || '/' || e.asset || '/' || e.mode, 'position_snapshot_created',
            snapshot_positions.trace_id,
            e.position || jsonb_build_object(
                'snapshot_id', e.id,
                'position_id', e.position_id,
                'snapshot_data', e.position,
                'snapshot_timestamp', pms.time_text(e.created_at),
                'created_at', pms.time_text(e.created_at)
            )
        )::pms.outbox_event
        FROM (
            SELECT t.*, pms.position_json(pms.snapshot_position(t)) AS position
            FROM unnest(v_taken) t
            -- Builds the JSON once (ADR 0002).
            OFFSET 0
        ) e
        ORDER BY e.account, e.asset, e.mode
    ));

    RETURN QUERY SELECT t.* FROM unnest(v_taken) t;
END
$$;

ALTER FUNCTION pms.snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text) IS 'Keep what positions are now, as of one moment

Publishes position_snapshot_created for each. Saves a checkpoint of the legs
that have traded since the last. Their versions do not change. Repeated with the same taken_at it
does nothing; what was never held is left out.';

--
-- Name: stale_price_assets(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.stale_price_assets() RETURNS SETOF text
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO ''
    AS $$
SELECT DISTINCT p.asset
FROM pms.positions p
CROSS JOIN pms.settings s
LEFT JOIN pms.prices m ON p.asset = m.asset
WHERE p.size <> 0
    AND (m.asset IS NULL OR m.priced_at < clock_timestamp() - s.price_staleness_threshold)
ORDER BY p.asset
$$;

ALTER FUNCTION pms.stale_price_assets() OWNER TO pms_owner;

--
-- Name: FUNCTION stale_price_assets(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.stale_price_assets() IS 'The assets of open positions whose price is stale or missing

What the worker asks the fallback source for.';

--
-- Name: ledger_findings; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.ledger_findings (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    findings jsonb NOT NULL,
    verified_at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_findings_not_empty CHECK ((jsonb_array_length(findings) > 0))
);

ALTER TABLE pms.ledger_findings OWNER TO pms_owner;

--
-- Name: TABLE ledger_findings; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.ledger_findings IS 'Positions that differ from their ledger

Also accounts whose kept totals differ from their legs. A position stays until it is folded from its
first entry without a difference.';

--
-- Name: COLUMN ledger_findings.asset; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.ledger_findings.asset IS 'Empty, as mode: the kept totals of the account.';

--
-- Name: COLUMN ledger_findings.findings; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.ledger_findings.findings IS 'A JSON array of the differences, as api.verify_ledger returns them.';

--
-- Name: COLUMN ledger_findings.verified_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.ledger_findings.verified_at IS 'When they were last found.';

--
-- Name: standing_ledger_findings(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.standing_ledger_findings() RETURNS bigint
    LANGUAGE sql STABLE
    RETURN (SELECT COALESCE(sum(jsonb_array_length(f.findings)), (0)::bigint) AS "coalesce" FROM pms.ledger_findings f);

ALTER FUNCTION pms.standing_ledger_findings() OWNER TO pms_owner;

--
-- Name: FUNCTION standing_ledger_findings(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.standing_ledger_findings() IS 'How many differences from the ledger have been found and not been verified to be gone.';

--
-- Name: store_prices(pms.price_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.store_prices(prices pms.price_event[]) RETURNS pms.price_event[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_recorded_at timestamptz;
    v_known pms.price_event[];
    v_applied integer[];
BEGIN
    -- Locked in the order of the key: the stored price decides whether a new one is late.
    PERFORM 1
    FROM pms.prices m
    WHERE m.asset IN (SELECT e.asset FROM unnest(store_prices.prices) e WHERE e.outcome IS NULL)
    ORDER BY m.asset
    FOR UPDATE;

    -- After the locks: a price that is stored later is dated later.
    v_recorded_at := clock_timestamp();

    v_known := ARRAY(
        SELECT (
            e.ordinal,
            CASE
                WHEN e.outcome IS NOT NULL THEN e.outcome
                WHEN (e.mark_price, e.priced_at) = (m.mark_price, m.priced_at) THEN 'duplicate'
            END,
            e.reason, e.detail, e.trace_id, e.asset, e.mark_price, e.priced_at, e.source
        )::pms.price_event
        FROM unnest(store_prices.prices) e
        LEFT JOIN pms.prices m ON e.asset = m.asset
    );

    WITH newest AS (
        SELECT DISTINCT ON (e.asset) e.*
        FROM unnest(v_known) e
        WHERE e.outcome IS NULL
        ORDER BY e.asset, e.priced_at DESC, e.ordinal DESC
    ),

    stored AS (
        INSERT INTO pms.prices AS m (
            asset, mark_price, priced_at, recorded_at, source, trace_id, is_marked
        )
        SELECT n.asset, n.mark_price, n.priced_at, v_recorded_at, n.source, n.trace_id, FALSE
        FROM newest n
        ORDER BY n.asset
        ON CONFLICT ON CONSTRAINT prices_pkey DO UPDATE
        SET mark_price = excluded.mark_price,
            priced_at = excluded.priced_at,
            recorded_at = excluded.recorded_at,
            source = excluded.source,
            trace_id = excluded.trace_id,
            is_marked = FALSE,
            seen_before = NULL
        WHERE m.priced_at <= excluded.priced_at
        RETURNING m.asset
    )

    -- IS TRUE keeps IN a hashed sub-plan: two arrays joined are compared all with all (ADR 0002).
    SELECT array_agg(n.ordinal)
    INTO v_applied
    FROM newest n
    WHERE (n.asset IN (SELECT s.asset FROM stored s)) IS TRUE;

    -- Also those that are not the newest.
    PERFORM pms.merge_price_bars(v_known, v_recorded_at);

    RETURN ARRAY(
        SELECT (
            e.ordinal,
            coalesce(e.outcome, CASE WHEN e.is_applied THEN 'applied' ELSE 'stale' END),
            CASE WHEN e.outcome IS NULL AND NOT e.is_applied THEN 'superseded' ELSE e.reason END,
            e.detail,
            e.trace_id,
            e.asset,
            e.mark_price,
            e.priced_at,
            e.source
        )::pms.price_event
        FROM (
            SELECT k.*, k.ordinal IN (SELECT a.ordinal FROM unnest(v_applied) a (ordinal)) AS is_applied
            FROM unnest(v_known) k
            -- Looked up once, not by each column that reads it (ADR 0002).
            OFFSET 0
        ) e
    );
END
$$;

ALTER FUNCTION pms.store_prices(prices pms.price_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION store_prices(prices pms.price_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.store_prices(prices pms.price_event[]) IS 'Store the newest price of each asset, and all in the price bars; return their outcomes

Each price has an outcome afterwards: applied, stale, duplicate, or the one it came with. One price
of an asset at most is applied. Of two prices of the same time the one that arrived last counts. The
open positions are marked afterwards: see pms.mark_positions, and pms.legs_to_mark for those that
are marked at once.';

--
-- Name: store_reading(text[], pms.portfolio_reading); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.store_reading(readers text[], reading pms.portfolio_reading) RETURNS void
    LANGUAGE sql
    AS $$
INSERT INTO pms.portfolio_readings (reader, read_at, seen_before, row_count)
SELECT n.reader, reading.read_at, reading.seen_before, reading.row_count
FROM unnest(store_reading.readers) n (reader)
ORDER BY n.reader
ON CONFLICT ON CONSTRAINT portfolio_readings_pkey DO UPDATE
SET read_at = excluded.read_at,
    seen_before = excluded.seen_before,
    row_count = excluded.row_count
$$;

ALTER FUNCTION pms.store_reading(readers text[], reading pms.portfolio_reading) OWNER TO pms_owner;

--
-- Name: FUNCTION store_reading(readers text[], reading pms.portfolio_reading); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.store_reading(readers text[], reading pms.portfolio_reading) IS 'Store what readers of the portfolio have seen, see pms.read_portfolio

Call it before anything that is derived from the reading is stored: two that do so take turns, so that
the reading is that of the last one.';

--
-- Name: store_venue_reports(pms.venue_report[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.store_venue_reports(reports pms.venue_report[]) RETURNS integer[]
    LANGUAGE sql
    AS $$
-- Newer than the stored report: by number where both have one, else by time.
WITH newest AS (
    SELECT DISTINCT ON (r.account, r.asset, r.mode, r.leg) r.*
    FROM unnest(store_venue_reports.reports) r
    LEFT JOIN pms.venue_positions v
        ON (r.account, r.asset, r.mode, r.leg) = (v.account, v.asset, v.mode, v.leg)
    WHERE r.outcome IS NULL
        AND (
            v.account IS NULL
            OR CASE
                WHEN r.seq IS NOT NULL AND v.seq IS NOT NULL THEN r.seq > v.seq
                ELSE r.reported_at > v.reported_at
            END
        )
    ORDER BY
        r.account, r.asset, r.mode, r.leg, r.seq DESC NULLS LAST, r.reported_at DESC,
        r.ordinal DESC
),

stored AS (
    INSERT INTO pms.venue_positions (
        account, asset, mode, leg, size, average_price, mark_price, unrealized_pnl,
        realized_pnl, seq, reported_at, recorded_at, trace_id
    )
    SELECT
        n.account, n.asset, n.mode, n.leg, n.size, n.average_price, n.mark_price,
        n.unrealized_pnl, n.realized_pnl, n.seq, n.reported_at, clock_timestamp(), n.trace_id
    FROM newest n
    ORDER BY n.account, n.asset, n.mode, n.leg
    ON CONFLICT ON CONSTRAINT venue_positions_pkey DO UPDATE
    SET size = excluded.size,
        average_price = excluded.average_price,
        mark_price = excluded.mark_price,
        unrealized_pnl = excluded.unrealized_pnl,
        realized_pnl = excluded.realized_pnl,
        seq = excluded.seq,
        reported_at = excluded.reported_at,
        recorded_at = excluded.recorded_at,
        trace_id = excluded.trace_id
)

SELECT coalesce(array_agg(n.ordinal), '{}') FROM newest n
$$;

ALTER FUNCTION pms.store_venue_reports(reports pms.venue_report[]) OWNER TO pms_owner;

--
-- Name: FUNCTION store_venue_reports(reports pms.venue_report[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.store_venue_reports(reports pms.venue_report[]) IS 'Store the newest report of each leg; return the ordinals of the stored ones

Reports with an outcome are left out. The reports of the legs must be locked.';

--
-- Name: stored_row_findings(text, text, text, boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.stored_row_findings(account text, asset text, mode text, from_checkpoints boolean DEFAULT false) RETURNS SETOF pms.finding
    LANGUAGE sql STABLE
    AS $$
WITH stored AS (
    SELECT p.*
    FROM pms.positions p
    WHERE p.account = stored_row_findings.account
        AND p.asset = stored_row_findings.asset
        AND p.mode = stored_row_findings.mode
)

SELECT n.*
FROM stored s
FULL JOIN (
    SELECT l.*
    FROM pms.legs_from_ledger(
        stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode
    ) l
    WHERE NOT stored_row_findings.from_checkpoints
    UNION ALL
    SELECT
        l.leg, h.ordinal, h.executed_at, (h.state).size, (h.state).cost, (h.state).realized,
        (h.state).fees_open, (h.state).fees_close, (h.state).funding, (h.state).opened_at,
        (h.state).closed_at
    FROM pms.position_legs(stored_row_findings.mode) l
    CROSS JOIN LATERAL pms.leg_state_at(
        stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode, l.leg,
        'infinity'
    ) h
    WHERE stored_row_findings.from_checkpoints
        AND h.ordinal > 0
) f ON s.leg = f.leg
INNER JOIN pms.instruments i ON i.asset = stored_row_findings.asset
CROSS JOIN LATERAL (
    SELECT a.rank, a.field, pms.decimal_text(a.stored), pms.decimal_text(a.expected)
    FROM (
        VALUES
        (1, 'size', coalesce(s.size, 0), coalesce(f.size, 0)),
        (2, 'cost', coalesce(s.cost, 0), coalesce(f.cost, 0)),
        (3, 'realized', coalesce(s.realized, 0), coalesce(f.realized, 0)),
        (4, 'fees_open', coalesce(s.fees_open, 0), coalesce(f.fees_open, 0)),
        (5, 'fees_close', coalesce(s.fees_close, 0), coalesce(f.fees_close, 0)),
        (6, 'funding', coalesce(s.funding, 0), coalesce(f.funding, 0)),
        (9, 'entries', coalesce(s.entries, 0), coalesce(f.entries, 0)),
        -- It has risen by one for every entry at least.
        (10, 'version', coalesce(s.version, 0), greatest(s.version, f.entries)),
        (
            11, 'exposure', coalesce(s.exposure, 0),
            pms.leg_exposure(f.size, s.current_price, i.multiplier, i.kind = 'inverse')
        )
    ) a (rank, field, stored, expected)
    UNION ALL
    SELECT t.rank, t.field, pms.time_text(t.stored), pms.time_text(t.expected)
    FROM (
        VALUES
        (7, 'opened_at', s.opened_at, f.opened_at),
        (8, 'closed_at', s.closed_at, f.closed_at)
    ) t (rank, field, stored, expected)
) d (rank, field, stored, expected)
CROSS JOIN LATERAL pms.ledger_finding(
    stored_row_findings.account, stored_row_findings.asset, stored_row_findings.mode,
    coalesce(s.leg, f.leg), 'stored_row', d.field, d.stored, d.expected,
    'restore the row from its ledger'
) n
WHERE d.stored IS DISTINCT FROM d.expected
ORDER BY coalesce(s.leg, f.leg), d.rank
$$;

ALTER FUNCTION pms.stored_row_findings(account text, asset text, mode text, from_checkpoints boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION stored_row_findings(account text, asset text, mode text, from_checkpoints boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.stored_row_findings(account text, asset text, mode text, from_checkpoints boolean) IS 'Where stored legs differ from their ledger

Where the row is not the fold of its entries, the row is wrong. Source: accounting.md, first
paragraph. from_checkpoints: only the entries since the last checkpoint of each leg are folded.';

--
-- Name: submit(text, jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.submit(event_type text, list jsonb) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_trace_id text := pms.trace_id();
    v_messages jsonb[];
BEGIN
    IF event_type = 'ticker' THEN
        -- A price is of all accounts.
        PERFORM pms.require_unscoped_key();

        v_messages := ARRAY(
            SELECT
                jsonb_build_object(
                    'event_type', submit.event_type, 'trace_id', v_trace_id, 'payload', e.item
                )
            FROM jsonb_array_elements(submit.list) WITH ORDINALITY e (item, place)
            ORDER BY e.place
        );
        RETURN (
            SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
            FROM pms.apply_prices(v_messages, 'api') o
        );
    END IF;

    v_messages := ARRAY(
        SELECT
            CASE
                WHEN jsonb_typeof(e.item) <> 'object' THEN e.item
                ELSE jsonb_build_object('trace_id', v_trace_id)
                    || e.item
                    || jsonb_build_object('event_type', submit.event_type)
                    || CASE
                        WHEN coalesce(e.item #>> '{order,account}', e.item ->> 'account') IS NULL
                            THEN jsonb_build_object('account', pms.resolve_account(NULL))
                        ELSE '{}'
                    END
            END
        FROM jsonb_array_elements(submit.list) WITH ORDINALITY e (item, place)
        ORDER BY e.place
    );
    RETURN (
        SELECT jsonb_agg(pms.outcome_json(o) ORDER BY o.ordinal)
        FROM pms.apply_order_events(v_messages, 'api') o
    );
END
$$;

ALTER FUNCTION pms.submit(event_type text, list jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION submit(event_type text, list jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.submit(event_type text, list jsonb) IS 'Apply events sent by hand; an array of their outcomes, in order

event_type: as messages have it; ticker for prices. list: an array of their fields. An event that
names no account is of the default account, see pms.resolve_account. Refuses with:
- 403 when the key is bound to accounts and the events are prices';

--
-- Name: summarize_legs(pms.priced_leg[], text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.summarize_legs(legs pms.priced_leg[], account text, asset text) RETURNS pms.portfolio_summary
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    total pms.portfolio_total := pms.empty_total(account, asset);
    summary pms.portfolio_summary;
BEGIN
    -- Only the columns that are named here are summed (ADR 0002).
    SELECT
        coalesce(sum(t.exposure_usdt), 0),
        coalesce(sum(t.net_exposure_usdt), 0),
        coalesce(sum(t.unrealized_pnl_usdt), 0),
        coalesce(sum(t.realized_pnl_usdt), 0),
        coalesce(sum(t.unrealized_pnl_usdt) + sum(t.realized_pnl_usdt), 0),
        coalesce(sum(t.open_positions_count), 0),
        coalesce(sum(t.long_positions_count), 0),
        coalesce(sum(t.short_positions_count), 0),
        coalesce(sum(t.unconverted_fees), 0),
        coalesce(array_agg(t.asset ORDER BY t.asset) FILTER (WHERE NOT t.complete), '{}'),
        coalesce(bool_and(t.complete), TRUE),
        concat(
            '{',
            string_agg(
                pms.by_asset_member(
                    t.asset, t.exposure_usdt, t.unrealized_pnl_usdt, t.realized_pnl_usdt, t.size
                ),
                ',' ORDER BY t.asset
            ),
            '}'
        )
    INTO
        total.exposure_usdt, total.net_exposure_usdt, total.unrealized_pnl_usdt,
        total.realized_pnl_usdt, total.total_pnl_usdt, total.open_positions_count,
        total.long_positions_count, total.short_positions_count, total.unconverted_fees,
        total.unpriced, total.complete, summary.by_asset
    FROM pms.sum_positions(legs, summarize_legs.account IS NULL, FALSE) t
    WHERE summarize_legs.asset IS NULL
        OR t.asset = summarize_legs.asset;

    summary.total := total;
    RETURN summary;
END
$$;

ALTER FUNCTION pms.summarize_legs(legs pms.priced_leg[], account text, asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION summarize_legs(legs pms.priced_leg[], account text, asset text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.summarize_legs(legs pms.priced_leg[], account text, asset text) IS 'The summary of legs: of an account, or null for all; of an asset, or null for all';

--
-- Name: summarize_portfolio(text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.summarize_portfolio(subject text, account text) RETURNS json
    LANGUAGE plpgsql STABLE
    AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[('account', 'account', account)]::pms.argument[]
    );
    v_summary pms.portfolio_summary;
    v_total pms.portfolio_total;
    v_body jsonb;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_summary := pms.current_summary(pms.require_account(asked.value ->> 'account'));
    v_total := v_summary.total;

    v_body := jsonb_build_object(
        'complete', v_total.complete,
        'unpriced', v_total.unpriced,
        'calculated_at', pms.time_text(clock_timestamp())
    );
    IF subject = 'exposure' THEN
        v_body := v_body || jsonb_build_object(
            'total_exposure_usdt', pms.decimal_text(v_total.exposure_usdt)
        );
    ELSE
        v_body := v_body || jsonb_build_object(
            'total_unrealized_pnl_usdt', pms.decimal_text(v_total.unrealized_pnl_usdt),
            'total_realized_pnl_usdt', pms.decimal_text(v_total.realized_pnl_usdt),
            'total_pnl_usdt', pms.decimal_text(v_total.total_pnl_usdt)
        );
    END IF;

    RETURN pms.with_members(v_body, '"by_asset": ' || v_summary.by_asset);
END
$$;

ALTER FUNCTION pms.summarize_portfolio(subject text, account text) OWNER TO pms_owner;

--
-- Name: FUNCTION summarize_portfolio(subject text, account text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.summarize_portfolio(subject text, account text) IS 'The totals of one subject, over all assets and by asset

subject: exposure or pnl. Limits are not judged.';

--
-- Name: take_account_snapshots(text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql
    AS $$
DECLARE
    -- Null is all accounts at once.
    v_accounts text[] := coalesce(
        CASE WHEN take_account_snapshots.account IS NULL THEN pms.account_scope() END,
        ARRAY[take_account_snapshots.account]
    );
    v_account text;
    v_keys pms.position_key[];
BEGIN
    snapshots := 0;
    taken_at := (SELECT max(pms.snapshot_moment(a.account)) FROM unnest(v_accounts) a (account));

    FOREACH v_account IN ARRAY v_accounts
    LOOP
        v_keys := NULL;
        LOOP
            v_keys := ARRAY(
                SELECT k
                FROM pms.positions_due_snapshot(taken_at, v_keys[cardinality(v_keys)], v_account) k
            );
            EXIT WHEN v_keys = '{}';

            snapshots := snapshots + (
                SELECT count(*)
                FROM pms.snapshot_positions(v_keys, taken_at, take_account_snapshots.trace_id) s
            );
        END LOOP;
    END LOOP;
END
$$;

ALTER FUNCTION pms.take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: FUNCTION take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone) IS 'Snapshot the positions of an account that are due, as of one moment

account: null is all that are in scope.';

--
-- Name: take_snapshot(text, text, text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.take_snapshot(account text, asset text, mode text, trace_id text) RETURNS SETOF pms.snapshots
    LANGUAGE plpgsql
    AS $$
DECLARE
    -- Two snapshots of a position have two moments, also when the clock was set back. Locked first:
    -- the second of two at once has the later moment, and is not taken for a repetition.
    v_taken_at timestamptz := (
        SELECT greatest(clock_timestamp(), max(l.last_snapshot_at) + INTERVAL '1 microsecond')
        FROM (
            SELECT p.last_snapshot_at
            FROM pms.positions p
            WHERE p.account = take_snapshot.account
                AND p.asset = take_snapshot.asset
                AND p.mode = take_snapshot.mode
            ORDER BY p.leg
            FOR UPDATE
        ) l
    );
BEGIN
    RETURN QUERY
    SELECT s.*
    FROM pms.snapshot_positions(
        ARRAY[(take_snapshot.account, take_snapshot.asset, take_snapshot.mode)]::pms.position_key[],
        v_taken_at,
        take_snapshot.trace_id
    ) s;
END
$$;

ALTER FUNCTION pms.take_snapshot(account text, asset text, mode text, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION take_snapshot(account text, asset text, mode text, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.take_snapshot(account text, asset text, mode text, trace_id text) IS 'Snapshot one position, see pms.snapshot_positions; no row when there is none.';

--
-- Name: take_snapshots(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.take_snapshots(progress jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_taken_at timestamptz := coalesce(
        (progress ->> 'taken_at')::timestamptz, pms.snapshot_moment()
    );
    v_trace_id text := coalesce(progress ->> 'trace_id', gen_random_uuid()::text);
    v_keys pms.position_key[] := ARRAY(
        SELECT k
        FROM pms.positions_due_snapshot(
            v_taken_at,
            jsonb_populate_record(NULL::pms.position_key, progress -> 'after'),
            size => v_size
        ) k
    );
    v_count bigint := coalesce((progress ->> 'count')::bigint, 0) + (
        SELECT count(*)
        FROM pms.snapshot_positions(v_keys, v_taken_at, v_trace_id) s
    );
BEGIN
    RETURN (
        CASE
            WHEN cardinality(v_keys) = v_size THEN jsonb_build_object(
                'taken_at', v_taken_at,
                'trace_id', v_trace_id,
                'after', v_keys[v_size],
                'count', v_count
            )
        END,
        format('%s snapshots of %s', v_count, pms.time_text(v_taken_at))
    )::pms.job_step;
END
$$;

ALTER FUNCTION pms.take_snapshots(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION take_snapshots(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.take_snapshots(progress jsonb) IS 'Keep what the positions are now: a step of the job, 100 of them

All that are open or have changed since their last snapshot, in all accounts, with one moment for
the whole run. A repeated step does what remains.';

--
-- Name: thin_portfolio_history(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.thin_portfolio_history(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    c_most CONSTANT bigint := 20000;
    c_every_minute CONSTANT interval := interval '7 days';
    c_quarter CONSTANT interval := interval '15 minutes';
    c_origin CONSTANT timestamptz := timestamptz '2000-01-01Z';
    v_before timestamptz := coalesce(
        (progress ->> 'before')::timestamptz,
        date_bin(c_quarter, now() - c_every_minute, c_origin)
    );
    v_since timestamptz := (
        -- From the first row on; of a history that is younger than a week nothing is due.
        SELECT least(
            greatest(
                e.thinned_before,
                coalesce(date_bin(c_quarter, min(m.began_at), c_origin), v_before)
            ),
            v_before
        )
        FROM pms.portfolio_history_extent e
        LEFT JOIN pms.equity_marks m ON TRUE
        GROUP BY e.thinned_before
    );
    v_until timestamptz := least(v_since + interval '1 day', v_before);
    v_deleted bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Not merged into the deletion, whose estimate is worse (ADR 0002).
    WITH superseded AS MATERIALIZED (
        SELECT h.account, h.recorded_at
        FROM pms.equity_marks m
        CROSS JOIN LATERAL (
            SELECT
                k.account,
                k.recorded_at,
                lead(k.recorded_at) OVER (ORDER BY k.recorded_at) AS next_at
            FROM pms.portfolio_history k
            WHERE k.account = m.account
                AND k.recorded_at >= v_since
                AND k.recorded_at < v_until
        ) h
        WHERE h.next_at < date_bin(c_quarter, h.recorded_at, c_origin) + c_quarter
            -- The equity with which an account began.
            AND h.recorded_at <> m.began_at
        LIMIT c_most
    )

    DELETE FROM pms.portfolio_history h
    USING superseded s
    WHERE h.account = s.account
        AND h.recorded_at = s.recorded_at
        AND h.recorded_at >= v_since
        AND h.recorded_at < v_until;

    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    IF v_deleted < c_most THEN
        UPDATE pms.portfolio_history_extent e
        SET thinned_before = v_until
        WHERE e.thinned_before < v_until;
    END IF;

    IF v_deleted = c_most OR v_until < v_before THEN
        v_step.progress := jsonb_build_object('before', v_before, 'deleted', v_total);
    END IF;

    v_step.done := format('%s rows from before %s deleted', v_total, pms.time_text(v_before));
    RETURN v_step;
END
$$;

ALTER FUNCTION pms.thin_portfolio_history(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION thin_portfolio_history(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.thin_portfolio_history(progress jsonb) IS 'Reduce the portfolio history older than a week to the last row of each quarter hour (UTC)

A job, in steps of up to a day of the history and 20000 rows. The totals at the end of a quarter
hour, and so of a day, stay exact, and peak_net_pnl holds the peaks of deleted rows. The first row of
an account stays.';

--
-- Name: total_of(pms.portfolio_total[], text, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.total_of(totals pms.portfolio_total[], account text, asset text) RETURNS pms.portfolio_total
    LANGUAGE plpgsql IMMUTABLE
    AS $$
DECLARE
    total pms.portfolio_total;
BEGIN
    SELECT t.*
    INTO total
    FROM unnest(total_of.totals) t
    WHERE t.is_all_accounts = (total_of.account IS NULL)
        AND t.is_all_assets = (total_of.asset IS NULL)
        AND t.account IS NOT DISTINCT FROM total_of.account
        AND t.asset IS NOT DISTINCT FROM total_of.asset;

    IF NOT FOUND THEN
        RETURN pms.empty_total(total_of.account, total_of.asset);
    END IF;

    RETURN total;
END
$$;

ALTER FUNCTION pms.total_of(totals pms.portfolio_total[], account text, asset text) OWNER TO pms_owner;

--
-- Name: FUNCTION total_of(totals pms.portfolio_total[], account text, asset text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.total_of(totals pms.portfolio_total[], account text, asset text) IS 'The total of an account and an asset; null is all of them

Of pms.portfolio_totals. Where nothing was ever held it is 0.';

--
-- Name: trace_id(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.trace_id() RETURNS text
    LANGUAGE sql STABLE
    RETURN ((NULLIF(current_setting('request.headers'::text, true), ''::text))::json ->> 'x-trace-id'::text);

ALTER FUNCTION pms.trace_id() OWNER TO pms_owner;

--
-- Name: FUNCTION trace_id(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.trace_id() IS 'The trace of the present HTTP request; null in plain SQL

The gateway has checked or made it.';

--
-- Name: transfer_entries(pms.leg_key, text, numeric, numeric, text, timestamp with time zone, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text) RETURNS pms.entries[]
    LANGUAGE sql STABLE
    AS $$
SELECT array_agg(
    pms.new_entry(
        account => s.account,
        counter_account => s.counter_account,
        asset => p.asset,
        mode => p.mode,
        leg => p.leg,
        kind => 'transfer',
        identity => transfer_entries.identity,
        quantity => s.direction * sign(p.size) * transfer_entries.quantity,
        price => transfer_entries.price,
        amount => CASE WHEN transfer_entries.price IS NULL THEN s.direction * c.moved END,
        -- After all entries of the leg, also after a fill of a clock ahead.
        executed_at => greatest(transfer_entries.recorded_at, p.last_executed_at),
        recorded_at => transfer_entries.recorded_at,
        source => 'api',
        trace_id => transfer_entries.trace_id
    )
)
FROM pms.positions p
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN transfer_entries.quantity = abs(p.size) THEN p.cost
        ELSE pms.div_round(
            p.cost * transfer_entries.quantity, abs(p.size), 18
        )
    END AS moved
) c
CROSS JOIN LATERAL (
    VALUES
    (p.account, transfer_entries.to_account, -1),
    (transfer_entries.to_account, p.account, 1)
) s (account, counter_account, direction)
WHERE (p.account, p.asset, p.mode, p.leg)
    = ((origin).account, (origin).asset, (origin).mode, (origin).leg)
    AND transfer_entries.quantity <= abs(p.size)
$$;

ALTER FUNCTION pms.transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text) IS 'The two linked entries of a transfer between accounts

Without a price it is at cost: the cost of the quantity leaves one account for the other, and
nothing is realized. At a price, the first realizes as if it had traded there. Null when the leg
holds less. The leg must be locked. quantity: unsigned.';

--
-- Name: unapplied_order_message(pms.order_message); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.unapplied_order_message(message pms.order_message) RETURNS text
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT coalesce(
    pms.objection(
        'dry_run', 'is_dry_run', CASE WHEN message.is_dry_run = 'true' THEN 'true' END
    ),
    pms.objection(
        'amendment', 'event_type',
        CASE
            WHEN NOT message.is_status
                AND message.status IN ('trade_busted', 'trade_corrected')
                THEN message.status
        END
    ),
    pms.objection(
        'nothing_filled', 'order.status',
        CASE
            WHEN message.is_status
                AND message.status NOT IN ('filled', 'partially_filled')
                AND (message.quantity IS NULL OR message.quantity_read = 0)
                THEN left(message.status, 32)
        END
    ),
    pms.objection(
        'nothing_filled', 'event_type',
        CASE
            WHEN NOT message.is_status
                AND message.status IN ('cancelled', 'rejected', 'created', 'modified')
                AND message.quantity IS NULL
                THEN message.status
        END
    )
)
$$;

ALTER FUNCTION pms.unapplied_order_message(message pms.order_message) OWNER TO pms_owner;

--
-- Name: FUNCTION unapplied_order_message(message pms.order_message); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.unapplied_order_message(message pms.order_message) IS 'The reason for which an order event is not applied, although nothing is wrong with it

An objection as pms.objection writes it, or null.';

--
-- Name: url_decode(text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.url_decode(literal text) RETURNS text
    LANGUAGE plpgsql IMMUTABLE
    AS $$
BEGIN
    RETURN (
        SELECT convert_from(
            string_agg(
                CASE
                    WHEN m.part[1] LIKE '\%__' THEN decode(right(m.part[1], 2), 'hex')
                    ELSE convert_to(m.part[1], 'UTF8')
                END,
                '' ORDER BY m.place
            ),
            'UTF8'
        )
        FROM regexp_matches(
            replace(url_decode.literal, '+', ' '), '%[0-9A-Fa-f]{2}|[^%]', 'g'
        ) WITH ORDINALITY m (part, place)
    );
EXCEPTION
    WHEN character_not_in_repertoire THEN
        RETURN NULL;
END
$$;

ALTER FUNCTION pms.url_decode(literal text) OWNER TO pms_owner;

--
-- Name: FUNCTION url_decode(literal text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.url_decode(literal text) IS 'A text as it was before it was written into a URL

Percent-encoded UTF-8, + for a blank; null when it is not UTF-8.';

--
-- Name: validate_position(text, text, text, boolean, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text) RETURNS jsonb
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_id bigint;
    reconciled pms.reconciled_position;
BEGIN
    INSERT INTO pms.validations (origin, scope, is_fixing, trace_id)
    VALUES ('request', concat_ws('/', account, asset, mode), fix_discrepancies, trace_id)
    RETURNING id INTO v_id;

    reconciled := pms.reconcile_position(
        account, asset, mode, fix_discrepancies, FALSE, NULL, trace_id
    );

    PERFORM pms.add_validation_counts(v_id, 1, ARRAY[reconciled]);
    UPDATE pms.validations v SET finished_at = clock_timestamp() WHERE v.id = v_id;

    RETURN jsonb_build_object(
        'is_valid',
        reconciled.objection IS NULL AND NOT EXISTS (
            SELECT 1 FROM unnest(reconciled.seen) d WHERE d.status = 'open'
        ),
        'error_message', coalesce(reconciled.objection, pms.discrepancies_text(reconciled.seen)),
        'updated_position',
        (
            SELECT pms.position_json(p)
            FROM pms.current_positions p
            WHERE reconciled.is_changed
                AND p.account = validate_position.account
                AND p.asset = validate_position.asset
                AND p.mode = validate_position.mode
        ),
        'discrepancies',
        (
            SELECT coalesce(
                jsonb_agg(pms.discrepancy_json(d) ORDER BY d.leg, d.kind, d.field), '[]'
            )
            FROM unnest(reconciled.seen) d
        )
    );
END
$$;

ALTER FUNCTION pms.validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text) OWNER TO pms_owner;

--
-- Name: FUNCTION validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text) IS 'Compare a position with ledger, rules and venue

Returns the answer of the contract. is_valid: no discrepancy is open, or none any more.
fix_discrepancies applies the fixes that the rules allow; updated_position is null unless a leg
changed. The run is recorded.';

--
-- Name: validate_positions(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.validate_positions(progress jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_id bigint := (progress ->> 'validation')::bigint;
    v_keys pms.position_key[] := ARRAY(
        SELECT k
        FROM pms.next_positions(
            jsonb_populate_record(NULL::pms.position_key, progress -> 'after'), v_size
        ) k
    );
    examined pms.examination;
    v_reconciled pms.reconciled_position[] := ARRAY[]::pms.reconciled_position[];
    run pms.validations;
BEGIN
    IF v_id IS NULL THEN
        INSERT INTO pms.validations (origin, is_fixing)
        VALUES ('job', TRUE)
        RETURNING id INTO v_id;
    END IF;

    -- All are examined by one statement, without a lock; few need more.
    FOREACH examined IN ARRAY pms.examine_positions(
        v_keys, '{stored_row,checkpoint,rule,venue}', TRUE
    )
    LOOP
        IF pms.needs_reconciliation(examined) THEN
            v_reconciled := v_reconciled || pms.reconcile_position(
                (examined.key).account, (examined.key).asset, (examined.key).mode, TRUE, TRUE,
                NULL, 'validation-' || v_id
            );
        END IF;
    END LOOP;

    -- Each account with its first position.
    PERFORM pms.restore_account_totals(ARRAY(
        SELECT DISTINCT k.account
        FROM unnest(v_keys) k
        WHERE k.account IS DISTINCT FROM progress -> 'after' ->> 'account'
    ));

    run := pms.add_validation_counts(v_id, cardinality(v_keys), v_reconciled);
    IF cardinality(v_keys) = v_size THEN
        RETURN (
            jsonb_build_object('validation', v_id, 'after', to_jsonb(v_keys[v_size])), NULL
        )::pms.job_step;
    END IF;

    UPDATE pms.validations v SET finished_at = clock_timestamp() WHERE v.id = v_id;
    RETURN (
        NULL,
        format(
            '%s discrepancies in %s positions, %s fixed, %s errors',
            run.discrepancies, run.positions, run.fixes, run.errors
        )
    )::pms.job_step;
END
$$;

ALTER FUNCTION pms.validate_positions(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION validate_positions(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.validate_positions(progress jsonb) IS 'Validate all positions, a hundred a step

A job: progress is null at first, then the value that the former step returned. Findings that the
rules allow are fixed, others are recorded for a person. Safe to repeat: a second run finds nothing
new.';

--
-- Name: validation_error(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.validation_error(objections jsonb) RETURNS jsonb
    LANGUAGE sql STRICT
    AS $$
SELECT pms.error_response(
    400,
    'VALIDATION_ERROR',
    string_agg(o.key || ': ' || o.value, '; ' ORDER BY o.key),
    validation_error.objections
)
FROM jsonb_each_text(validation_error.objections) o
$$;

ALTER FUNCTION pms.validation_error(objections jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION validation_error(objections jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.validation_error(objections jsonb) IS 'The answer to arguments that are out of their range

objections: of pms.arguments: by name, the range. Null when there are none.';

--
-- Name: venue_findings(pms.venue_comparison[], boolean); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean) RETURNS SETOF pms.finding
    LANGUAGE sql STABLE
    AS $$
WITH proposed AS (
    SELECT
        d.*,
        d.kind = 'adoption' AND venue_findings.honor_adoption_delay AND d.due_at > clock_timestamp()
        AS is_waiting,
        -- A report that came before a void does not know of it.
        d.is_newest AND NOT EXISTS (
            SELECT 1
            FROM pms.voids x
            INNER JOIN pms.entries e ON x.account = e.account AND x.entry_id = e.id
            WHERE (e.account, e.asset, e.mode, e.leg) = (d.account, d.asset, d.mode, d.leg)
                AND x.recorded_at > d.recorded_at
        ) AS is_newer,
        CASE WHEN d.kind = 'average_price' THEN d.held ELSE d.size END AS target_size,
        CASE
            WHEN d.size = 0 THEN 0
            WHEN d.average_price IS NOT NULL
                THEN pms.contract_value(
                    CASE WHEN d.kind = 'average_price' THEN d.held ELSE d.size END,
                    d.average_price, d.multiplier, d.is_inverse
                )
            -- Without the venue's average, ours.
            WHEN d.kind = 'size' AND sign(d.size) = sign(d.held)
                THEN pms.div_round(d.held_cost * d.size, d.held, 18)
            ELSE pms.implied_cost(
                d.size, d.mark_price, d.unrealized_pnl, d.multiplier, d.is_inverse
            )
        END AS target_cost,
        concat_ws(
            ':',
            CASE d.kind
                WHEN 'adoption' THEN 'adoption'
                WHEN 'size' THEN 'adjustment:venue_size'
                ELSE 'adjustment:venue_average'
            END,
            d.asset, d.mode, d.leg, pms.time_text(d.reported_at) || coalesce('/' || d.seq, '')
        ) AS identity,
        CASE
            WHEN d.reported_at <= d.recorded_at THEN d.reported_at
            -- A clock ahead of ours: entries until then must not precede the adjustment.
            ELSE greatest(d.recorded_at, d.last_executed_at)
        END AS effective_at
    FROM unnest(venue_findings.comparisons) d
),

settled AS (
    SELECT
        p.*,
        -- A report is applied once; an entry that was busted is not applied again.
        p.target_cost IS NOT NULL AND p.is_newer AND NOT p.is_waiting AND NOT EXISTS (
            SELECT 1 FROM pms.entries e WHERE e.account = p.account AND e.identity = p.identity
        ) AS is_fixable
    FROM proposed p
)

SELECT
    s.account, s.asset, s.mode, s.leg, s.kind,
    CASE WHEN s.kind = 'average_price' THEN 'average_entry_price' ELSE 'size' END,
    pms.decimal_text(
        CASE
            WHEN s.kind = 'average_price'
                THEN pms.average_price(s.held, s.held_cost, s.multiplier, s.is_inverse)
            ELSE s.held
        END
    ),
    pms.decimal_text(CASE WHEN s.kind = 'average_price' THEN s.average_price ELSE s.size END),
    CASE s.kind
        WHEN 'size' THEN s.size_validation_threshold
        WHEN 'average_price' THEN s.avg_price_diff_threshold
    END,
    CASE
        WHEN s.target_cost IS NULL
            THEN 'no price is known: record one, or dismiss it'
        ELSE CASE
            WHEN s.is_fixable THEN ''
            ELSE 'wait for a newer report, dismiss it, or accept: '
        END || format(
            'size %s at a cost of %s since %s', pms.decimal_text(s.target_size),
            pms.decimal_text(s.target_cost), pms.time_text(s.effective_at)
        )
    END,
    CASE WHEN s.target_cost IS NOT NULL THEN s.target_size END,
    s.target_cost,
    CASE WHEN s.size <> 0 THEN s.average_price END,
    s.is_fixable, s.is_waiting, s.identity, s.effective_at,
    jsonb_build_object(
        'reported_at', pms.time_text(s.reported_at),
        'received_at', pms.time_text(s.recorded_at),
        'seq', s.seq,
        'size', pms.decimal_text(s.size),
        'average_price', pms.decimal_text(s.average_price),
        'mark_price', pms.decimal_text(s.mark_price),
        'unrealized_pnl', pms.decimal_text(s.unrealized_pnl)
    ),
    s.trace_id
FROM settled s
$$;

ALTER FUNCTION pms.venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean) OWNER TO pms_owner;

--
-- Name: FUNCTION venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean) IS 'Differences from the venue, each with its proposed entry

comparisons: of pms.compare_venue_reports. At most one finding a leg, used on receipt and by
validation. is_fixable: the report is newer than
every fill applied, implies a cost, and has not been applied before: only then may it replace our
size or average without a person. honor_adoption_delay: a position that only the venue knows waits
venue_adoption_delay for a fill on its way. A leg without a report has no finding.';

--
-- Name: verify_changed_legs(pms.leg_key, integer); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.verify_changed_legs(after pms.leg_key, size integer) RETURNS pms.verified_part
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_verified pms.leg_key[];
    v_differing pms.position_key[];
BEGIN
    -- One statement: it reads rows, entries and checkpoints of the same moment, and locks no leg.
    -- What a transaction changes that is still open differs from the record when it commits.
    WITH changed AS (
        SELECT p.account, p.asset, p.mode, p.leg, p.entered_at, p.checkpointed, v AS verified
        FROM pms.positions p
        LEFT JOIN pms.verified_legs v USING (account, asset, mode, leg)
        WHERE (p.account, p.asset, p.mode, p.leg) > (
                coalesce((verify_changed_legs.after).account, ''),
                coalesce((verify_changed_legs.after).asset, ''),
                coalesce((verify_changed_legs.after).mode, ''),
                coalesce((verify_changed_legs.after).leg, '')
            )
            AND (p.entered_at, p.checkpointed) IS DISTINCT FROM (v.entered_at, v.checkpointed)
        ORDER BY p.account, p.asset, p.mode, p.leg
        LIMIT verify_changed_legs.size
    ),

    examined AS (
        SELECT
            c.*,
            pms.is_leg_sound(
                c.account, c.asset, c.mode, c.leg, pms.first_unverified_checkpoint(c.verified),
                'infinity'
            ) AS is_sound
        FROM changed c
    ),

    recorded AS (
        INSERT INTO pms.verified_legs (account, asset, mode, leg, entered_at, checkpointed)
        SELECT x.account, x.asset, x.mode, x.leg, x.entered_at, x.checkpointed
        FROM examined x
        ON CONFLICT ON CONSTRAINT verified_legs_pkey DO UPDATE
        SET entered_at = excluded.entered_at,
            checkpointed = excluded.checkpointed
    )

    SELECT
        coalesce(
            array_agg(
                (x.account, x.asset, x.mode, x.leg)::pms.leg_key
                ORDER BY x.account, x.asset, x.mode, x.leg
            ),
            '{}'
        ),
        array_agg(DISTINCT (x.account, x.asset, x.mode)::pms.position_key)
        FILTER (WHERE NOT x.is_sound)
    INTO v_verified, v_differing
    FROM examined x;

    PERFORM pms.record_ledger_findings(v_differing);

    RETURN (
        CASE WHEN cardinality(v_verified) = size THEN v_verified[size] END,
        cardinality(v_verified)
    )::pms.verified_part;
END
$$;

ALTER FUNCTION pms.verify_changed_legs(after pms.leg_key, size integer) OWNER TO pms_owner;

--
-- Name: FUNCTION verify_changed_legs(after pms.leg_key, size integer); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.verify_changed_legs(after pms.leg_key, size integer) IS 'Verify the next legs whose entries or checkpoints have changed since they were verified

From the last checkpoint before the change. A leg that differs has its position folded from the first
entry. Returns the last leg, to go on after it, and how many.';

--
-- Name: verify_ledger(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.verify_ledger(progress jsonb DEFAULT NULL::jsonb) RETURNS pms.job_step
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_run jsonb := coalesce(progress, pms.begin_run());
    v_steps integer := (v_run ->> 'steps')::integer + 1;
    v_legs bigint := (v_run ->> 'legs')::bigint;
    v_has_changes boolean := (v_run ->> 'has_changes')::boolean;
    v_is_passing boolean := (v_run ->> 'is_passing')::boolean;
    v_part pms.verified_part;
BEGIN
    IF v_has_changes THEN
        v_part := pms.verify_changed_legs(
            jsonb_populate_record(NULL::pms.leg_key, nullif(v_run -> 'after', 'null')), 1000
        );
        v_legs := v_legs + v_part.verified;
        v_has_changes := v_part.after IS NOT NULL;

        IF NOT v_has_changes THEN
            UPDATE pms.verification_progress v
            SET verified_at = (v_run ->> 'started_at')::timestamptz;
        END IF;
    END IF;

    IF v_is_passing THEN
        v_is_passing := pms.continue_pass((v_run ->> 'target')::numeric);
    END IF;

    -- The rest is due in the next run.
    IF (v_has_changes OR v_is_passing) AND v_steps < 100 THEN
        RETURN (
            v_run || jsonb_build_object(
                'steps', v_steps,
                'legs', v_legs,
                'after', v_part.after,
                'has_changes', v_has_changes,
                'is_passing', v_is_passing
            ),
            NULL
        )::pms.job_step;
    END IF;

    RETURN (
        SELECT (
            NULL,
            format(
                '%s discrepancies; %s changed legs verified, all others since %s',
                pms.standing_ledger_findings(), v_legs, pms.time_text(v.covered_since)
            )
        )::pms.job_step
        FROM pms.verification_progress v
    );
END
$$;

ALTER FUNCTION pms.verify_ledger(progress jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION verify_ledger(progress jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.verify_ledger(progress jsonb) IS 'Verify changed legs, and the next part of a pass over the whole ledger

A job: rows and checkpoints are compared with the fold of their entries; no leg is locked, nothing is
fixed. A step verifies up to 1000 changed legs and about 10000 entries of the pass, a run takes up to
100 steps. The pass reaches the end of the ledger once in verification_period. Findings stand in
pms.ledger_findings until their position is folded from its first entry without them.';

--
-- Name: verify_next_span(); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.verify_next_span() RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    v_place pms.verification_progress := (
        SELECT v FROM pms.verification_progress v
    );
    v_key pms.position_key := (v_place.account, v_place.asset, v_place.mode);
    v_until timestamptz;
    v_entries bigint;
    v_is_sound boolean;
BEGIN
    IF v_place.since IS NULL THEN
        v_key := (SELECT k FROM pms.next_positions(v_key, 1) k);
        v_place.since := '-infinity';

        IF v_key IS NULL THEN
            UPDATE pms.verification_progress v
            SET covered_since = greatest(v.covered_since, v.pass_started_at),
                pass_started_at = NULL,
                pass_entries = 0,
                account = NULL,
                asset = NULL,
                mode = NULL;
            RETURN NULL;
        END IF;

        -- Each account with its first position.
        IF v_key.account IS DISTINCT FROM v_place.account THEN
            PERFORM pms.record_total_findings(ARRAY[v_key.account]);
        END IF;
    END IF;

    v_until := pms.next_span_end(v_key, v_place.since);

    SELECT
        bool_and(pms.is_leg_sound(
            v_key.account, v_key.asset, v_key.mode, l.leg, v_place.since, v_until
        )),
        greatest(sum(n.entries), 1)
    INTO v_is_sound, v_entries
    FROM pms.position_legs(v_key.mode) l
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries
        FROM pms.entries e
        WHERE (e.account, e.asset, e.mode, e.leg)
            = (v_key.account, v_key.asset, v_key.mode, l.leg)
            AND e.executed_at > v_place.since
            AND e.executed_at <= v_until
    ) n;

    IF NOT v_is_sound THEN
        PERFORM pms.record_ledger_findings(ARRAY[v_key]);
    END IF;

    UPDATE pms.verification_progress v
    SET account = v_key.account,
        asset = v_key.asset,
        mode = v_key.mode,
        since = nullif(v_until, 'infinity'),
        pass_entries = v.pass_entries + v_entries;

    RETURN v_entries;
END
$$;

ALTER FUNCTION pms.verify_next_span() OWNER TO pms_owner;

--
-- Name: FUNCTION verify_next_span(); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.verify_next_span() IS 'Verify the next part of the pass over the whole ledger; return how many entries it has

A position at most, of a long one a part between two checkpoints. Parts that follow from each other
have been folded from the first entry. Null: the pass has ended.';

--
-- Name: walk_order_totals(pms.order_event[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.walk_order_totals(events pms.order_event[]) RETURNS SETOF pms.order_event
    LANGUAGE sql STABLE
    AS $$
WITH event AS MATERIALIZED (
    SELECT e.* FROM unnest(walk_order_totals.events) e
),

-- The events of orders that send totals, now or before. Executions count among what such an order
-- has applied.
walked AS (
    SELECT
        e.*,
        concat_ws('/', e.asset, e.leg, sign(e.quantity)) AS party,
        row_number() OVER (PARTITION BY e.account, e.order_id ORDER BY e.ordinal) AS place
    FROM event e
    WHERE e.outcome IS NULL
        AND e.kind = 'trade'
        AND (
            -- IS TRUE keeps IN from becoming a join (ADR 0002).
            (
                (e.account, e.order_id) IN (
                    SELECT t.account, t.order_id
                    FROM event t
                    WHERE t.outcome IS NULL
                        AND t.is_cumulative
                )
            ) IS TRUE
            OR EXISTS (
                SELECT 1
                FROM pms.entries o
                -- Written as entries_total_idx has it (ADR 0002).
                WHERE o.account || '/' || o.order_id = e.account || '/' || e.order_id
                    AND o.identity LIKE 'order:%'
            )
        )
),

step AS MATERIALIZED (
    SELECT
        w.*,
        pms.fold_order(
            b, w.is_cumulative, w.party, abs(w.quantity), w.price, w.fee,
            EXISTS (
                SELECT 1 FROM pms.instruments i WHERE i.asset = w.asset AND i.allows_negative_price
            )
        ) OVER (PARTITION BY w.account, w.order_id ORDER BY w.ordinal) AS progress
    FROM walked w
    -- Read where the walk of an order begins.
    CROSS JOIN LATERAL pms.recorded_order_progress(
        CASE WHEN w.place = 1 THEN w.account END, w.order_id
    ) b
    OFFSET 0
)

SELECT e.*
FROM event e
WHERE (e.ordinal IN (SELECT s.ordinal FROM step s)) IS NOT TRUE
UNION ALL
SELECT
    s.ordinal,
    CASE
        WHEN (s.progress).refusal IS NOT NULL THEN 'rejected'
        WHEN (s.progress).step_quantity = 0 THEN 'duplicate'
    END,
    CASE
        WHEN (s.progress).refusal IS NOT NULL THEN (s.progress).refusal
        WHEN (s.progress).step_quantity = 0 AND NOT s.is_cumulative THEN 'already_in_total'
    END,
    CASE (s.progress).refusal
        WHEN 'order_conflict'
            THEN CASE WHEN s.is_cumulative THEN 'order.' ELSE '' END
                || 'order_id: this order has fills of another asset, leg or side'
        WHEN 'inconsistent_total'
            THEN 'order.average_price: implies an impossible price for the new part: '
                || (s.progress).step_price
    END,
    s.trace_id, s.account, s.asset, s.mode, s.leg, s.kind, s.identity, s.order_id,
    s.is_cumulative, s.quantity, s.price, s.fee, s.fee_currency, s.amount, s.executed_at,
    s.progress
FROM step s
$$;

ALTER FUNCTION pms.walk_order_totals(events pms.order_event[]) OWNER TO pms_owner;

--
-- Name: FUNCTION walk_order_totals(events pms.order_event[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.walk_order_totals(events pms.order_event[]) IS 'Order events, with the steps of orders that send totals

applied: what the order has applied after the event, and what the event adds; an event that adds
nothing is a duplicate.';

--
-- Name: with_members(jsonb, text); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.with_members(body jsonb, members text) RETURNS json
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (((("left"((body)::text, '-1'::integer) || ', '::text) || members) || '}'::text))::json;

ALTER FUNCTION pms.with_members(body jsonb, members text) OWNER TO pms_owner;

--
-- Name: FUNCTION with_members(body jsonb, members text); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.with_members(body jsonb, members text) IS 'An object with more members, which may be large

members: JSON text of the members, without braces. body and members have no member in common, and
neither is empty. A large json is built and written in a fraction of the time that jsonb takes.';

--
-- Name: worker_samples(jsonb); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.worker_samples(worker jsonb) RETURNS SETOF pms.metric_sample
    LANGUAGE sql IMMUTABLE
    AS $$
SELECT
    'worker_' || w.key, 'gauge', 'As the worker last reported.', '',
    format('{part="%s"}', p.key), w.value #>> '{}'
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN LATERAL jsonb_each(p.value) w
WHERE jsonb_typeof(w.value) = 'number'
UNION ALL
SELECT
    'messages_total', 'counter', 'Messages by outcome since the worker started.', '',
    format('{feed="%s",outcome="%s"}', f.key, o.key), o.value
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN LATERAL jsonb_each(
    CASE jsonb_typeof(p.value -> 'messages') WHEN 'object' THEN p.value -> 'messages' END
) f
CROSS JOIN LATERAL jsonb_each_text(f.value) o
UNION ALL
SELECT
    n.name, 'gauge', n.help, '', format('{queue="%s"}', q.key), q.value
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN (
    VALUES
    ('queue_messages', 'queue_depths', 'Messages waiting in a queue.'),
    ('queue_age_seconds', 'queue_ages', 'Longest wait of a message in a queue.')
) n (name, field, help)
-- A part that has lost the broker does not know them: null.
CROSS JOIN LATERAL jsonb_each_text(
    CASE jsonb_typeof(p.value -> n.field) WHEN 'object' THEN p.value -> n.field END
) q
UNION ALL
SELECT h.*
FROM jsonb_each(worker_samples.worker) p
CROSS JOIN (
    VALUES
    ('batch_messages', 'batch_sizes', 'Messages or events in a batch.'),
    ('batch_duration_seconds', 'batch_seconds', 'From the batch in hand to its commit.')
) n (name, field, help)
CROSS JOIN LATERAL pms.histogram_samples(n.name, n.help, 'feed', p.value -> n.field) h
$$;

ALTER FUNCTION pms.worker_samples(worker jsonb) OWNER TO pms_owner;

--
-- Name: FUNCTION worker_samples(worker jsonb); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.worker_samples(worker jsonb) IS 'Lines of Prometheus for what the worker has done

worker: by part, as each reports.';

--
-- Name: wrong_account_totals(text[]); Type: FUNCTION; Schema: pms; Owner: pms_owner
--

CREATE FUNCTION pms.wrong_account_totals(accounts text[]) RETURNS TABLE(account text, currency text, stored numeric, expected numeric)
    LANGUAGE sql STABLE
    AS $$
SELECT u.account, u.currency, sum(u.stored), sum(u.expected)
FROM (
    SELECT t.account, t.currency, t.exposure AS stored, 0 AS expected
    FROM pms.account_totals t
    WHERE t.account = ANY(wrong_account_totals.accounts)
    UNION ALL
    SELECT p.account, i.settlement_currency, 0, p.exposure
    FROM pms.positions p
    INNER JOIN pms.instruments i ON p.asset = i.asset
    WHERE p.account = ANY(wrong_account_totals.accounts)
) u
GROUP BY u.account, u.currency
HAVING sum(u.stored) <> sum(u.expected)
$$;

ALTER FUNCTION pms.wrong_account_totals(accounts text[]) OWNER TO pms_owner;

--
-- Name: FUNCTION wrong_account_totals(accounts text[]); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON FUNCTION pms.wrong_account_totals(accounts text[]) IS 'Where the kept exposure of accounts is not the sum over their legs';

--
-- Name: fold(pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamp with time zone); Type: AGGREGATE; Schema: pms; Owner: pms_owner
--

CREATE AGGREGATE pms.fold(initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) (
    SFUNC = pms.next_leg,
    STYPE = pms.leg_state
);

ALTER AGGREGATE pms.fold(initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) OWNER TO pms_owner;

--
-- Name: AGGREGATE fold(initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON AGGREGATE pms.fold(initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) IS 'A position is the fold of its entries

Starts from initial: that of a checkpoint, or pms.empty_leg. Order by executed_at, id. null without
entries. Over a window it gives the state after each entry.';

--
-- Name: fold_order(pms.order_progress, boolean, text, numeric, numeric, numeric, boolean); Type: AGGREGATE; Schema: pms; Owner: pms_owner
--

CREATE AGGREGATE pms.fold_order(initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) (
    SFUNC = pms.next_order_progress,
    STYPE = pms.order_progress
);

ALTER AGGREGATE pms.fold_order(initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) OWNER TO pms_owner;

--
-- Name: AGGREGATE fold_order(initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean); Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON AGGREGATE pms.fold_order(initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) IS 'What an order has applied, event by event, in the order of arrival.';

--
-- Name: audit; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.audit (
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    key_id text,
    role text NOT NULL,
    command text NOT NULL,
    arguments jsonb NOT NULL,
    account text,
    asset text,
    outcome text NOT NULL,
    trace_id text
)
PARTITION BY RANGE (recorded_at);

ALTER TABLE pms.audit OWNER TO pms_owner;

--
-- Name: TABLE audit; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.audit IS 'Every command with its caller and outcome

Written in the transaction of the command: no change is without its row, and a command that was
rolled back has none.';

--
-- Name: COLUMN audit.key_id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.audit.key_id IS 'The key of an HTTP request; null: by SQL.';

--
-- Name: COLUMN audit.role; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.audit.role IS 'The role of the caller.';

--
-- Name: COLUMN audit.account; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.audit.account IS 'The account concerned; null: none, or several.';

--
-- Name: audit; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.audit AS
 SELECT a.recorded_at,
    a.id,
    a.key_id,
    a.role,
    a.command,
    a.arguments,
    a.account,
    a.asset,
    a.outcome,
    a.trace_id
   FROM (pms.audit a
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(a.account);

ALTER TABLE api.audit OWNER TO pms_owner;

--
-- Name: VIEW audit; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.audit IS 'Commands and the key or role that sent each

One row per completed command, over HTTP or in SQL, written in the transaction of the command. A
command whose transaction failed changed nothing and has no row. Rows are retained for 400 days.';

--
-- Name: COLUMN audit.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.recorded_at IS 'When the command completed.';

--
-- Name: COLUMN audit.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.id IS 'Number of the row.';

--
-- Name: COLUMN audit.key_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.key_id IS 'The key used over HTTP; null for SQL.';

--
-- Name: COLUMN audit.role; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.role IS 'The database role that ran the command.';

--
-- Name: COLUMN audit.command; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.command IS 'The function of schema api that was called.';

--
-- Name: COLUMN audit.arguments; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.arguments IS 'The arguments, without secrets. Above 64 kB, only bytes and sha256.';

--
-- Name: COLUMN audit.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.account IS 'The account concerned; null for none or several.';

--
-- Name: COLUMN audit.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.asset IS 'The asset concerned; null for none or several.';

--
-- Name: COLUMN audit.outcome; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.outcome IS 'done, the outcome of a recorded entry, or the error code of a refusal.';

--
-- Name: COLUMN audit.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.audit.trace_id IS 'The trace id of the request.';

--
-- Name: conflicts; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.conflicts (
    id bigint NOT NULL,
    account text NOT NULL,
    identity text NOT NULL,
    recorded jsonb NOT NULL,
    received jsonb NOT NULL,
    digest text GENERATED ALWAYS AS (md5((received)::text)) STORED NOT NULL,
    seen_count integer DEFAULT 1 NOT NULL,
    first_seen_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    trace_id text
);

ALTER TABLE pms.conflicts OWNER TO pms_owner;

--
-- Name: TABLE conflicts; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.conflicts IS 'Messages that contradict the entry recorded under their identity

Holds both versions; only the recorded one counts, unless a person corrects it.';

--
-- Name: conflicts; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.conflicts AS
 SELECT k.account,
    k.id,
    k.identity,
    k.recorded,
    k.received,
    k.seen_count,
    k.first_seen_at,
    k.last_seen_at,
    k.trace_id
   FROM (pms.conflicts k
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(k.account);

ALTER TABLE api.conflicts OWNER TO pms_owner;

--
-- Name: VIEW conflicts; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.conflicts IS 'Messages with a known identity and different content

Shows both versions; only the recorded one counts. An operator corrects the recorded entry or leaves
it as it is.';

--
-- Name: COLUMN conflicts.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.account IS 'The account named in the message.';

--
-- Name: COLUMN conflicts.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.id IS 'Number of the conflict.';

--
-- Name: COLUMN conflicts.identity; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.identity IS 'The identity shared by both versions.';

--
-- Name: COLUMN conflicts.recorded; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.recorded IS 'The version that counts, as it was recorded.';

--
-- Name: COLUMN conflicts.received; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.received IS 'The version that does not count, as received (without its trace).';

--
-- Name: COLUMN conflicts.seen_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.seen_count IS 'Count: how often the message was received.';

--
-- Name: COLUMN conflicts.first_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.first_seen_at IS 'When it was first received.';

--
-- Name: COLUMN conflicts.last_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.last_seen_at IS 'When it was last received.';

--
-- Name: COLUMN conflicts.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.conflicts.trace_id IS 'The trace id of the first message.';

--
-- Name: rejected_messages; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.rejected_messages (
    id bigint NOT NULL,
    feed text NOT NULL,
    body bytea NOT NULL,
    digest bytea GENERATED ALWAYS AS (sha256(body)) STORED NOT NULL,
    reason text NOT NULL,
    detail text,
    trace_id text,
    seen_count integer DEFAULT 1 NOT NULL,
    first_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT rejected_messages_feed_is_known CHECK ((feed = ANY (ARRAY['order_events'::text, 'venue_positions'::text, 'prices'::text])))
);

ALTER TABLE pms.rejected_messages OWNER TO pms_owner;

--
-- Name: TABLE rejected_messages; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.rejected_messages IS 'Rejected messages as received, with the reason.';

--
-- Name: COLUMN rejected_messages.body; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.rejected_messages.body IS 'The bytes received, which need not be JSON or text.';

--
-- Name: dead_letters; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.dead_letters AS
 SELECT r.id,
    r.feed,
    r.reason,
    r.detail,
    r.trace_id,
    pms.parse_json(r.body) AS message,
    encode(r.body, 'escape'::text) AS body,
    length(r.body) AS bytes,
    r.seen_count,
    r.first_seen_at,
    r.last_seen_at
   FROM (pms.rejected_messages r
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope('*'::text);

ALTER TABLE api.dead_letters OWNER TO pms_owner;

--
-- Name: VIEW dead_letters; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.dead_letters IS 'Rejected messages, as received, with the reason

One row per distinct body of a feed, no matter how often it was sent. A successful retry removes the
row.';

--
-- Name: COLUMN dead_letters.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.id IS 'The argument of retry_dead_letter and drop_dead_letter.';

--
-- Name: COLUMN dead_letters.feed; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.feed IS 'order_events, venue_positions or prices.';

--
-- Name: COLUMN dead_letters.reason; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.reason IS 'The reason code of the rejection.';

--
-- Name: COLUMN dead_letters.detail; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.detail IS 'The field and its error.';

--
-- Name: COLUMN dead_letters.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.trace_id IS 'The trace id of the message, if it could be parsed.';

--
-- Name: COLUMN dead_letters.message; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.message IS 'The body as JSON; null if it is not JSON.';

--
-- Name: COLUMN dead_letters.body; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.body IS 'The bytes as received, unprintable ones as \nnn; truncated if too long.';

--
-- Name: COLUMN dead_letters.bytes; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.bytes IS 'Count: stored bytes.';

--
-- Name: COLUMN dead_letters.seen_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.seen_count IS 'Count: how often it was rejected.';

--
-- Name: COLUMN dead_letters.first_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.first_seen_at IS 'When it was first received.';

--
-- Name: COLUMN dead_letters.last_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.dead_letters.last_seen_at IS 'When it was last received or retried.';

--
-- Name: discrepancies; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.discrepancies AS
 SELECT d.account,
    d.id,
    d.asset,
    d.mode,
    d.leg,
    d.kind,
    d.field,
    d.ours,
    d.theirs,
    trim_scale(d.threshold) AS threshold,
    d.proposal,
    trim_scale(d.target_size) AS target_size,
    trim_scale(d.target_cost) AS target_cost,
    d.is_fixable,
    d.status,
    d.evidence,
    d.first_seen_at,
    d.opened_at,
    d.last_seen_at,
    d.times_seen,
    d.closed_at,
    d.decided_by,
    d.decided_at,
    d.note,
    d.trace_id
   FROM (pms.discrepancies d
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(d.account);

ALTER TABLE api.discrepancies OWNER TO pms_owner;

--
-- Name: VIEW discrepancies; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.discrepancies IS 'Disagreements with the venue, the ledger or the rules

The same disagreement is one row, no matter how often it is seen, and is resolved when a later
comparison no longer finds it. A position with an open discrepancy needs review.';

--
-- Name: COLUMN discrepancies.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.account IS 'The account of the position.';

--
-- Name: COLUMN discrepancies.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.id IS 'The same disagreement always has the same id.';

--
-- Name: COLUMN discrepancies.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN discrepancies.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.mode IS 'one-way or hedge.';

--
-- Name: COLUMN discrepancies.leg; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.leg IS 'net in one-way mode; long or short in hedge mode.';

--
-- Name: COLUMN discrepancies.kind; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.kind IS 'size or average_price: the venue reports another value; adoption: only the venue knows the
position; stored_row or checkpoint: the stored state differs from its ledger; rule: a leg breaks a
rule.';

--
-- Name: COLUMN discrepancies.field; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.field IS 'The field of the leg.';

--
-- Name: COLUMN discrepancies.ours; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.ours IS 'Our value: an amount or a time.';

--
-- Name: COLUMN discrepancies.theirs; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.theirs IS 'The value of the venue, or the one the ledger or the rule requires.';

--
-- Name: COLUMN discrepancies.threshold; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.threshold IS 'A quantity or a ratio of prices; a greater difference is a discrepancy. Null: any difference is.';

--
-- Name: COLUMN discrepancies.proposal; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.proposal IS 'The proposed correction, in words.';

--
-- Name: COLUMN discrepancies.target_size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.target_size IS 'Quantity, signed, that the correction would set; null if it sets none.';

--
-- Name: COLUMN discrepancies.target_cost; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.target_cost IS 'Settlement currency: the cost of target_size.';

--
-- Name: COLUMN discrepancies.is_fixable; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.is_fixable IS 'The next validation may correct it automatically.';

--
-- Name: COLUMN discrepancies.status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.status IS 'open, fixed by the rules, accepted or dismissed by an operator, or resolved.';

--
-- Name: COLUMN discrepancies.evidence; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.evidence IS 'The report of the venue; null if there is none.';

--
-- Name: COLUMN discrepancies.first_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.first_seen_at IS 'When it was first seen.';

--
-- Name: COLUMN discrepancies.opened_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.opened_at IS 'When it was last opened.';

--
-- Name: COLUMN discrepancies.last_seen_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.last_seen_at IS 'When it was last seen.';

--
-- Name: COLUMN discrepancies.times_seen; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.times_seen IS 'Count: how often it was seen.';

--
-- Name: COLUMN discrepancies.closed_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.closed_at IS 'When it was closed; null while open.';

--
-- Name: COLUMN discrepancies.decided_by; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.decided_by IS 'The key or role that accepted or dismissed it.';

--
-- Name: COLUMN discrepancies.decided_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.decided_at IS 'When it was accepted or dismissed.';

--
-- Name: COLUMN discrepancies.note; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.note IS 'The reason given with the decision.';

--
-- Name: COLUMN discrepancies.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.discrepancies.trace_id IS 'The trace id of the latest sighting.';

--
-- Name: portfolio_history; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.portfolio_history (
    account text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
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
    peak_net_pnl numeric NOT NULL,
    CONSTRAINT portfolio_history_peak_is_highest CHECK (((peak_net_pnl >= net_pnl) AND (peak_net_pnl >= (0)::numeric)))
)
PARTITION BY RANGE (recorded_at);

ALTER TABLE pms.portfolio_history OWNER TO pms_owner;

--
-- Name: TABLE portfolio_history; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.portfolio_history IS 'Totals of each account over time, in USDT

A row for each minute in which the totals of the account changed, and after a week for the last such
minute of each quarter hour: the totals at a moment are those of the newest row at or before it. As
known at that minute: a late fill shows in later minutes. The account * stands for all accounts
together. realized is gross, before fees and funding, so that net_pnl is the sum of the parts:
realized + unrealized_pnl - fees_paid + funding.';

--
-- Name: COLUMN portfolio_history.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_history.recorded_at IS 'The minute in which the totals were taken.';

--
-- Name: COLUMN portfolio_history.complete; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_history.complete IS 'False when a position without a price or rate was left out.';

--
-- Name: COLUMN portfolio_history.peak_net_pnl; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_history.peak_net_pnl IS 'Highest net PnL up to this minute, at least 0; rows deleted since count as well.';

--
-- Name: drawdown; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.drawdown AS
 SELECT NULLIF(h.account, '*'::text) AS account,
    h.recorded_at,
    trim_scale((h.capital + h.net_pnl)) AS equity_usdt,
    trim_scale((h.capital + h.peak_net_pnl)) AS peak_equity_usdt,
    trim_scale((h.peak_net_pnl - h.net_pnl)) AS drawdown_usdt,
        CASE
            WHEN ((h.capital + h.peak_net_pnl) > (0)::numeric) THEN trim_scale(pms.div_round((h.peak_net_pnl - h.net_pnl), (h.capital + h.peak_net_pnl), 12))
            ELSE NULL::numeric
        END AS drawdown_ratio
   FROM (pms.portfolio_history h
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(h.account);

ALTER TABLE api.drawdown OWNER TO pms_owner;

--
-- Name: VIEW drawdown; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.drawdown IS 'The drawdown of each account from its peak over time

For the minutes of api.portfolio_history; in between, the drawdown is that of the row before.

Changes of capital do not count: the peak is the highest net PnL so far plus the capital of the
minute. Rows with a null account cover all accounts together.';

--
-- Name: COLUMN drawdown.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.account IS 'Null: all accounts together.';

--
-- Name: COLUMN drawdown.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.recorded_at IS 'The minute from which the drawdown holds.';

--
-- Name: COLUMN drawdown.equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.equity_usdt IS 'USDT: capital + net PnL.';

--
-- Name: COLUMN drawdown.peak_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.peak_equity_usdt IS 'USDT: capital + the highest net PnL so far.';

--
-- Name: COLUMN drawdown.drawdown_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.drawdown_usdt IS 'USDT: peak - equity; 0 at the peak.';

--
-- Name: COLUMN drawdown.drawdown_ratio; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.drawdown.drawdown_ratio IS 'Ratio: drawdown / peak equity; null unless peak equity is above 0.';

--
-- Name: exposure_by_asset; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.exposure_by_asset AS
 SELECT c.account,
    c.asset,
    c.size,
    c.exposure_usdt,
    c.net_exposure_usdt,
    c.open_positions_count,
    c.complete
   FROM pms.portfolio_totals_now c
  WHERE (NOT c.is_all_assets);

ALTER TABLE api.exposure_by_asset OWNER TO pms_owner;

--
-- Name: VIEW exposure_by_asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.exposure_by_asset IS 'The exposure of each asset

One row per account and asset. Rows with a null account are sums over all accounts; query one or the
other.';

--
-- Name: COLUMN exposure_by_asset.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.account IS 'Null: all accounts together.';

--
-- Name: COLUMN exposure_by_asset.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN exposure_by_asset.size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.size IS 'Quantity: long - short, over both modes.';

--
-- Name: COLUMN exposure_by_asset.exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.exposure_usdt IS 'USDT: |market value| summed over legs.';

--
-- Name: COLUMN exposure_by_asset.net_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.net_exposure_usdt IS 'USDT: signed market value.';

--
-- Name: COLUMN exposure_by_asset.open_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.open_positions_count IS 'Count: positions with an open leg.';

--
-- Name: COLUMN exposure_by_asset.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.exposure_by_asset.complete IS 'False if an amount leaves out a position because it has no price or no rate to USDT.';

--
-- Name: fifo_lots; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.fifo_lots AS
 SELECT p.account,
    p.asset,
    p.mode,
    p.leg,
    l.entry_id,
    l.executed_at,
    trim_scale(l.quantity) AS quantity,
    trim_scale(pms.average_price(l.quantity, l.cost, i.multiplier, (i.kind = 'inverse'::text))) AS price,
    trim_scale(l.cost) AS cost,
    i.settlement_currency
   FROM ((pms.positions p
     JOIN pms.instruments i ON ((p.asset = i.asset)))
     CROSS JOIN LATERAL pms.open_lots(p.account, p.asset, p.mode, p.leg) l(entry_id, executed_at, quantity, cost))
  WHERE ((p.size <> (0)::numeric) AND pms.in_scope(p.account));

ALTER TABLE api.fifo_lots OWNER TO pms_owner;

--
-- Name: VIEW fifo_lots; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.fifo_lots IS 'The open lots of every position, first in first out

An alternative to average cost, which all other figures use. The first unit bought is the first one
sold, so the open lots are the newest entries that add up to the size; the oldest of them may count
in part. An opening or an adjustment replaces all open lots with one. A transfer counts like any
other entry: it removes the oldest lots of the sender and adds one lot to the receiver.';

--
-- Name: COLUMN fifo_lots.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.account IS 'The account that holds the lot.';

--
-- Name: COLUMN fifo_lots.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN fifo_lots.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.mode IS 'one-way or hedge.';

--
-- Name: COLUMN fifo_lots.leg; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.leg IS 'net in one-way mode; long or short in hedge mode.';

--
-- Name: COLUMN fifo_lots.entry_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.entry_id IS 'The entry that opened the lot; see api.fills.';

--
-- Name: COLUMN fifo_lots.executed_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.executed_at IS 'When the lot was bought, or sold short.';

--
-- Name: COLUMN fifo_lots.quantity; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.quantity IS 'Quantity still open, signed: + long, - short.';

--
-- Name: COLUMN fifo_lots.price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.price IS 'Quote currency: cost per unit, rounded to 12 fractional digits.';

--
-- Name: COLUMN fifo_lots.cost; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.cost IS 'Settlement currency: signed cost of the open quantity.';

--
-- Name: COLUMN fifo_lots.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_lots.settlement_currency IS 'The currency of cost.';

--
-- Name: fifo_positions; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.fifo_positions AS
 WITH lot AS (
         SELECT p.account,
            p.asset,
            p.mode,
            p.leg,
            count(*) AS lots,
            sum(o.quantity) AS quantity,
            sum(o.cost) AS cost
           FROM (pms.positions p
             CROSS JOIN LATERAL pms.open_lots(p.account, p.asset, p.mode, p.leg) o(entry_id, executed_at, quantity, cost))
          WHERE pms.in_scope(p.account)
          GROUP BY p.account, p.asset, p.mode, p.leg
        ), leg AS (
         SELECT p.account,
            p.asset,
            p.mode,
            p.leg,
            p.position_id,
            p.size,
            p.cost,
            p.realized,
            p.fees_open,
            p.fees_close,
            p.funding,
            p.opened_at,
            p.closed_at,
            p.last_executed_at,
            p.current_price,
            p.version,
            p.entries,
            p.checkpointed,
            p.needs_review,
            p.last_snapshot_at,
            p.created_at,
            p.updated_at,
            p.exposure,
            p.entered_at,
            i.multiplier,
            (i.kind = 'inverse'::text) AS is_inverse,
            i.settlement_currency,
            m.mark_price,
            COALESCE(l_1.lots, (0)::bigint) AS lots,
                CASE
                    WHEN (COALESCE(l_1.quantity, (0)::numeric) = p.size) THEN COALESCE(l_1.cost, (0)::numeric)
                    ELSE NULL::numeric
                END AS fifo_cost,
                CASE
                    WHEN (p.size = (0)::numeric) THEN (0)::numeric
                    ELSE pms.contract_value(p.size, m.mark_price, i.multiplier, (i.kind = 'inverse'::text))
                END AS market_value
           FROM (((pms.positions p
             JOIN pms.instruments i ON ((p.asset = i.asset)))
             LEFT JOIN lot l_1 ON (((p.account = l_1.account) AND (p.asset = l_1.asset) AND (p.mode = l_1.mode) AND (p.leg = l_1.leg))))
             LEFT JOIN pms.prices m ON ((p.asset = m.asset)))
          WHERE ((p.version > 0) AND pms.in_scope(p.account))
        )
 SELECT l.account,
    l.asset,
    l.mode,
    l.leg,
    trim_scale(l.size) AS size,
    l.lots,
    trim_scale(l.mark_price) AS current_price,
    trim_scale(l.fifo_cost) AS fifo_cost,
    trim_scale(pms.average_price(l.size, l.fifo_cost, l.multiplier, l.is_inverse)) AS fifo_average,
    trim_scale(((l.fifo_cost + l.realized) - l.cost)) AS fifo_realized,
    trim_scale((l.market_value - l.fifo_cost)) AS fifo_unrealized,
    trim_scale(l.cost) AS average_cost,
    trim_scale(pms.average_price(l.size, l.cost, l.multiplier, l.is_inverse)) AS average_entry_price,
    trim_scale(l.realized) AS average_realized,
    trim_scale((l.market_value - l.cost)) AS average_unrealized,
    l.settlement_currency
   FROM leg l;

ALTER TABLE api.fifo_positions OWNER TO pms_owner;

--
-- Name: VIEW fifo_positions; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.fifo_positions IS 'Every leg, first in first out and at average cost

Both before fees and funding. The two methods differ in when a profit becomes realized; the sum of
realized and unrealized is the same. An opening or an adjustment sets quantity and cost, so both
methods agree immediately after it. The fifo_* columns are null while the row of the leg differs
from its ledger, until a validation has corrected it.';

--
-- Name: COLUMN fifo_positions.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.account IS 'The account that holds the leg.';

--
-- Name: COLUMN fifo_positions.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN fifo_positions.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.mode IS 'one-way or hedge.';

--
-- Name: COLUMN fifo_positions.leg; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.leg IS 'net in one-way mode; long or short in hedge mode.';

--
-- Name: COLUMN fifo_positions.size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.size IS 'Quantity, signed: + long, - short, 0 closed.';

--
-- Name: COLUMN fifo_positions.lots; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.lots IS 'Count: open lots; see api.fifo_lots.';

--
-- Name: COLUMN fifo_positions.current_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.current_price IS 'Quote currency; null without a price.';

--
-- Name: COLUMN fifo_positions.fifo_cost; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.fifo_cost IS 'Settlement currency: signed cost of the open lots.';

--
-- Name: COLUMN fifo_positions.fifo_average; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.fifo_average IS 'Quote currency: average cost per unit of the open lots; null when flat.';

--
-- Name: COLUMN fifo_positions.fifo_realized; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.fifo_realized IS 'Settlement currency: gross profit realized with the oldest lots sold first.';

--
-- Name: COLUMN fifo_positions.fifo_unrealized; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.fifo_unrealized IS 'Settlement currency: gross profit of the open lots at the current price; null without one.';

--
-- Name: COLUMN fifo_positions.average_cost; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.average_cost IS 'Settlement currency: signed cost of the open quantity, at average cost.';

--
-- Name: COLUMN fifo_positions.average_entry_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.average_entry_price IS 'Quote currency; as in api.positions; null when flat.';

--
-- Name: COLUMN fifo_positions.average_realized; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.average_realized IS 'Settlement currency: gross profit realized at average cost.';

--
-- Name: COLUMN fifo_positions.average_unrealized; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.average_unrealized IS 'Settlement currency: gross profit of the open quantity at average cost; null without a price.';

--
-- Name: COLUMN fifo_positions.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fifo_positions.settlement_currency IS 'The currency of costs and profits.';

--
-- Name: voids; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.voids (
    account text NOT NULL,
    entry_id bigint NOT NULL,
    cause text NOT NULL,
    amendment text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    source text NOT NULL,
    trace_id text,
    CONSTRAINT voids_cause_is_known CHECK ((cause = ANY (ARRAY['bust'::text, 'correction'::text])))
);

ALTER TABLE pms.voids OWNER TO pms_owner;

--
-- Name: TABLE voids; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.voids IS 'Entries that no longer count

Append-only, as the ledger is: an entry counts from its recorded_at until that of its void.';

--
-- Name: COLUMN voids.cause; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.voids.cause IS 'bust: the trade is annulled; correction: another entry replaces it.';

--
-- Name: COLUMN voids.amendment; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.voids.amendment IS 'The identity of the bust or correction.';

--
-- Name: COLUMN voids.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.voids.recorded_at IS 'When the void was recorded.';

--
-- Name: fills; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.fills AS
 SELECT e.account,
    e.id,
    e.asset,
    e.mode,
    e.leg,
    e.kind,
        CASE
            WHEN (e.kind = ANY (ARRAY['opening'::text, 'adjustment'::text])) THEN NULL::text
            WHEN (e.quantity > (0)::numeric) THEN 'buy'::text
            WHEN (e.quantity < (0)::numeric) THEN 'sell'::text
            ELSE NULL::text
        END AS side,
    trim_scale(e.quantity) AS quantity,
    trim_scale(e.price) AS price,
    trim_scale(COALESCE(e.amount, pms.contract_value(e.quantity, e.price, i.multiplier, (i.kind = 'inverse'::text)))) AS value,
    trim_scale(e.amount) AS amount,
    trim_scale(e.realized) AS realized,
    trim_scale(e.fee) AS fee,
    trim_scale(e.fee_native) AS fee_native,
    COALESCE(e.fee_currency, i.settlement_currency) AS fee_currency,
    trim_scale(e.fee_rate) AS fee_rate,
    i.settlement_currency,
    e.order_id,
    e.identity,
    e.amends,
    e.cause,
    v.cause AS voided_by,
    v.recorded_at AS voided_at,
    e.counter_account,
    e.version,
    e.executed_at,
    e.recorded_at,
    e.source,
    e.trace_id
   FROM ((pms.entries e
     JOIN pms.instruments i ON ((e.asset = i.asset)))
     LEFT JOIN pms.voids v ON (((e.account = v.account) AND (e.id = v.entry_id))))
  WHERE pms.in_scope(e.account);

ALTER TABLE api.fills OWNER TO pms_owner;

--
-- Name: VIEW fills; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.fills IS 'The ledger: every entry that ever changed a position

Append-only. A leg is the fold of its entries in the order of executed_at and id, without the voided
ones.';

--
-- Name: COLUMN fills.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.account IS 'The account whose position the entry changed.';

--
-- Name: COLUMN fills.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.id IS 'Number of the entry, increasing in the order of recording.';

--
-- Name: COLUMN fills.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN fills.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.mode IS 'one-way or hedge.';

--
-- Name: COLUMN fills.leg; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.leg IS 'net in one-way mode; long or short in hedge mode.';

--
-- Name: COLUMN fills.kind; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.kind IS 'trade, opening, transfer, adjustment or funding.';

--
-- Name: COLUMN fills.side; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.side IS 'buy or sell; null for an opening, an adjustment or a quantity of 0.';

--
-- Name: COLUMN fills.quantity; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.quantity IS 'Quantity, signed: + buy, - sell; for an opening or an adjustment, the size it sets.';

--
-- Name: COLUMN fills.price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.price IS 'Quote currency; null for funding and for a transfer at cost.';

--
-- Name: COLUMN fills.value; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.value IS 'Settlement currency, signed: value of the quantity at the price; for funding, the cash received (+)
or paid (-); for an opening or an adjustment, the cost of the size.';

--
-- Name: COLUMN fills.amount; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.amount IS 'Settlement currency: the value, if it is not the quantity at the price; else null.';

--
-- Name: COLUMN fills.realized; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.realized IS 'Settlement currency: the gross realized PnL that an opening carries over; else null.';

--
-- Name: COLUMN fills.fee; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.fee IS 'Settlement currency: the fee as counted; a rebate is negative.';

--
-- Name: COLUMN fills.fee_native; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.fee_native IS 'The fee as charged, in fee_currency; null if that is the settlement currency.';

--
-- Name: COLUMN fills.fee_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.fee_currency IS 'The currency the fee was charged in.';

--
-- Name: COLUMN fills.fee_rate; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.fee_rate IS 'Value of one unit of fee_native. Null with a fee_native: unknown, the fee is not counted yet. 0:
the fee was deducted from the quantity.';

--
-- Name: COLUMN fills.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.settlement_currency IS 'The currency of value and fee.';

--
-- Name: COLUMN fills.order_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.order_id IS 'The order of the entry; null if unknown.';

--
-- Name: COLUMN fills.identity; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.identity IS 'Identifies the entry when a message is repeated; unique within its account.';

--
-- Name: COLUMN fills.amends; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.amends IS 'For a correction, the identity of the entry it replaces.';

--
-- Name: COLUMN fills.cause; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.cause IS 'The reason for an opening or an adjustment: venue_average, venue_size, adoption or import.';

--
-- Name: COLUMN fills.voided_by; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.voided_by IS 'bust or correction if the entry no longer counts; null if it counts.';

--
-- Name: COLUMN fills.voided_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.voided_at IS 'When the entry was voided.';

--
-- Name: COLUMN fills.counter_account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.counter_account IS 'For a transfer, the other account.';

--
-- Name: COLUMN fills.version; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.version IS 'The version of the leg after the entry was recorded.';

--
-- Name: COLUMN fills.executed_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.executed_at IS 'Event time at the venue.';

--
-- Name: COLUMN fills.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.recorded_at IS 'When the service recorded the entry.';

--
-- Name: COLUMN fills.source; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.source IS 'The origin of the entry: order_execution, api, …';

--
-- Name: COLUMN fills.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.fills.trace_id IS 'The trace id of the message or request.';

--
-- Name: instruments; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.instruments AS
 SELECT i.asset,
    i.kind,
    trim_scale(i.multiplier) AS multiplier,
    i.quote_currency,
    i.settlement_currency,
    i.base_currency,
    i.allows_negative_price,
    i.is_assumed,
    i.created_at
   FROM (pms.instruments i
     CROSS JOIN pms.read_only);

ALTER TABLE api.instruments OWNER TO pms_owner;

--
-- Name: VIEW instruments; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.instruments IS 'The valuation rules of each contract

On its first message, an asset without a definition is assumed linear, with multiplier 1, in USDT.
Source of the formulas: accounting.md, "State of a leg and the fold".';

--
-- Name: COLUMN instruments.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN instruments.kind; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.kind IS 'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';

--
-- Name: COLUMN instruments.multiplier; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.multiplier IS 'Ratio: units of the priced good per unit of quantity.';

--
-- Name: COLUMN instruments.quote_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.quote_currency IS 'The currency of prices.';

--
-- Name: COLUMN instruments.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';

--
-- Name: COLUMN instruments.base_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.base_currency IS 'The traded currency, from the symbol: BTC in BTCUSDT; null if the quote does not end the symbol.';

--
-- Name: COLUMN instruments.allows_negative_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.allows_negative_price IS 'True if prices may be zero or negative, such as those of a spread.';

--
-- Name: COLUMN instruments.is_assumed; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.is_assumed IS 'True until an operator has confirmed the contract.';

--
-- Name: COLUMN instruments.created_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.instruments.created_at IS 'When the service first recorded the asset.';

--
-- Name: jobs; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.jobs AS
 SELECT j.job,
    j.every,
    j.purpose
   FROM (pms.settings s
     CROSS JOIN LATERAL ( VALUES ('verify_ledger'::text,s.verification_interval,'compare changed positions with their ledger, and part by part all others'::text), ('validate_positions'::text,s.validation_interval,'compare every position with its ledger, the rules and the venue; make permitted fixes'::text), ('check_limits'::text,'00:01:00'::interval,'publish the start and the end of every limit breach'::text), ('record_portfolio_history'::text,s.portfolio_history_interval,'record the totals of every account, where they have changed'::text), ('thin_portfolio_history'::text,'01:00:00'::interval,'reduce the totals older than a week to the last of each quarter hour'::text), ('take_snapshots'::text,s.snapshot_interval,'take a snapshot of every position that is open or has changed'::text), ('maintain_partitions'::text,'01:00:00'::interval,'create the partitions of coming months and drop those beyond retention'::text), ('compact_outbox'::text,'00:01:00'::interval,'delete unsent events that a newer one has superseded'::text), ('merge_account_totals'::text,'01:00:00'::interval,'merge the kept totals of sessions that have ended'::text), ('purge_price_bars'::text,'1 day'::interval,'delete price bars beyond their retention'::text), ('purge_idempotency_keys'::text,'01:00:00'::interval,'delete stored responses older than a day'::text), ('purge_job_runs'::text,'1 day'::interval,'delete records of job runs older than a week'::text)) j(job, every, purpose));

ALTER TABLE pms.jobs OWNER TO pms_owner;

--
-- Name: VIEW jobs; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.jobs IS 'The scheduled jobs of the service

job names a function pms.<job>(progress jsonb) that returns pms.job_step: one step of bounded work,
safe to repeat, started with null. A row in this view is enough to schedule and monitor a job.';

--
-- Name: job_status; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.job_status AS
 SELECT j.job,
    j.purpose,
    j.every,
    l.status AS last_status,
    l.started_at AS last_started_at,
    l.finished_at AS last_finished_at,
    l.steps AS last_steps,
    l.result AS last_result,
    l.error AS last_error,
    l.error_code AS last_error_code,
    s.started_at AS last_success_at,
    (s.started_at + j.every) AS next_due_at,
    COALESCE((((s.started_at + j.every) + '00:02:00'::interval) < clock_timestamp()), true) AS is_overdue
   FROM ((pms.jobs j
     LEFT JOIN LATERAL ( SELECT r.id,
            r.job,
            r.started_by,
            r.status,
            r.started_at,
            r.finished_at,
            r.steps,
            r.progress,
            r.result,
            r.error,
            r.error_code
           FROM pms.job_runs r
          WHERE (r.job = j.job)
          ORDER BY r.started_at DESC
         LIMIT 1) l ON (true))
     LEFT JOIN LATERAL ( SELECT r.started_at
           FROM pms.job_runs r
          WHERE ((r.job = j.job) AND (r.status = 'succeeded'::text))
          ORDER BY r.started_at DESC
         LIMIT 1) s ON (true));

ALTER TABLE pms.job_status OWNER TO pms_owner;

--
-- Name: VIEW job_status; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.job_status IS 'The jobs, the last run of each, and when it is due

is_overdue: due two minutes ago and not succeeded since, or never succeeded.';

--
-- Name: jobs; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.jobs AS
 SELECT j.job,
    j.purpose,
    (floor(EXTRACT(epoch FROM j.every)))::bigint AS interval_seconds,
    j.last_status,
    j.last_started_at,
    j.last_finished_at,
    (floor((EXTRACT(epoch FROM (j.last_finished_at - j.last_started_at)) * (1000)::numeric)))::bigint AS last_duration_ms,
    j.last_steps,
    j.last_result,
        CASE
            WHEN (j.last_error IS NOT NULL) THEN (((j.last_error || ' ('::text) || j.last_error_code) || ')'::text)
            ELSE NULL::text
        END AS last_error,
    j.last_success_at,
    j.next_due_at,
    j.is_overdue
   FROM pms.job_status j;

ALTER TABLE api.jobs OWNER TO pms_owner;

--
-- Name: VIEW jobs; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.jobs IS 'The scheduled jobs, with the last run and the next due time of each

pg_cron runs them if it is installed, else `position-manager jobs run --due` from a crontab.';

--
-- Name: COLUMN jobs.job; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.job IS 'The name of the job.';

--
-- Name: COLUMN jobs.purpose; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.purpose IS 'What the job does.';

--
-- Name: COLUMN jobs.interval_seconds; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.interval_seconds IS 'Seconds between runs; jobs start on the minute.';

--
-- Name: COLUMN jobs.last_status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_status IS 'Status of the last run: running, succeeded, failed or interrupted (its session ended); null before
the first.';

--
-- Name: COLUMN jobs.last_started_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_started_at IS 'When the last run started.';

--
-- Name: COLUMN jobs.last_finished_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_finished_at IS 'When the last run ended; null while it is running.';

--
-- Name: COLUMN jobs.last_duration_ms; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_duration_ms IS 'Duration of the last run in milliseconds.';

--
-- Name: COLUMN jobs.last_steps; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_steps IS 'Count: steps of the last run; each step commits separately.';

--
-- Name: COLUMN jobs.last_result; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_result IS 'Summary of the last run.';

--
-- Name: COLUMN jobs.last_error; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_error IS 'The error of the last run, with its SQLSTATE.';

--
-- Name: COLUMN jobs.last_success_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.last_success_at IS 'When the last successful run started.';

--
-- Name: COLUMN jobs.next_due_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.next_due_at IS 'One interval after last_success_at; null means now.';

--
-- Name: COLUMN jobs.is_overdue; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.jobs.is_overdue IS 'The job has been due for two minutes without success, or has never succeeded.';

--
-- Name: limit_breaches; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.limit_breaches (
    account text NOT NULL,
    id bigint NOT NULL,
    limit_id text NOT NULL,
    asset text NOT NULL,
    metric text NOT NULL,
    breach_level numeric NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    peak_value numeric NOT NULL,
    peak_at timestamp with time zone NOT NULL,
    CONSTRAINT limit_breaches_ends_after_it_began CHECK ((ended_at >= began_at))
);

ALTER TABLE pms.limit_breaches OWNER TO pms_owner;

--
-- Name: TABLE limit_breaches; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.limit_breaches IS 'Breaches of limits, with their duration and extent

A breach ends when the value is at or below the level again, or the limit is removed.';

--
-- Name: COLUMN limit_breaches.breach_level; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.limit_breaches.breach_level IS 'The breach level when the breach began.';

--
-- Name: COLUMN limit_breaches.ended_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.limit_breaches.ended_at IS 'Null: ongoing.';

--
-- Name: limit_breaches; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.limit_breaches AS
 SELECT NULLIF(b.account, '*'::text) AS account,
    b.id,
    b.limit_id,
    split_part(b.limit_id, '/'::text, 1) AS scope,
    NULLIF(b.asset, '*'::text) AS asset,
    b.metric,
    trim_scale(b.breach_level) AS breach_level,
    trim_scale(b.peak_value) AS peak_value,
    b.peak_at,
    b.began_at,
    b.ended_at
   FROM (pms.limit_breaches b
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(b.account);

ALTER TABLE api.limit_breaches OWNER TO pms_owner;

--
-- Name: VIEW limit_breaches; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.limit_breaches IS 'Breaches of limits, with their duration and peak

One row per breach. A breach ends when the value returns to the level or below, or the limit is
removed.';

--
-- Name: COLUMN limit_breaches.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.account IS 'Null: all accounts together.';

--
-- Name: COLUMN limit_breaches.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.id IS 'Number of the breach.';

--
-- Name: COLUMN limit_breaches.limit_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.limit_id IS 'The id of the limit in api.limits.';

--
-- Name: COLUMN limit_breaches.scope; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.scope IS 'portfolio, account or asset.';

--
-- Name: COLUMN limit_breaches.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.asset IS 'Null: all assets.';

--
-- Name: COLUMN limit_breaches.metric; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.metric IS 'The metric that the limit applies to.';

--
-- Name: COLUMN limit_breaches.breach_level; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.breach_level IS 'The level at the start. USDT; a quantity for position_size, a ratio for a share.';

--
-- Name: COLUMN limit_breaches.peak_value; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.peak_value IS 'The highest value seen. USDT; a quantity for position_size, a ratio for a share.';

--
-- Name: COLUMN limit_breaches.peak_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.peak_at IS 'When the peak was first seen.';

--
-- Name: COLUMN limit_breaches.began_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.began_at IS 'When the value was first seen above the level.';

--
-- Name: COLUMN limit_breaches.ended_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limit_breaches.ended_at IS 'When the breach ended; null while it lasts.';

--
-- Name: limits; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.limits AS
 WITH held AS (
         SELECT array_agg(ROW(COALESCE(c.account, '*'::text), COALESCE(c.asset, '*'::text), c.long_size, c.short_size, c.exposure_usdt, c.net_exposure_usdt, c.net_pnl_usdt)::pms.limit_basis) AS totals
           FROM pms.portfolio_totals_now c
        ), kept AS (
         SELECT array_agg(k_1.*) AS limits
           FROM pms.limits k_1
          WHERE (pms.in_scope(k_1.account) OR ((k_1.account = '*'::text) AND (k_1.metric <> ALL (ARRAY['drawdown'::text, 'daily_loss'::text]))))
        ), marked AS (
         SELECT array_agg(k_1.*) AS marks
           FROM pms.equity_marks k_1
        )
 SELECT u.id,
    u.scope,
    u.account,
    u.asset,
    u.metric,
    u.warn_level,
    u.breach_level,
    u.value,
    u.utilisation,
    u.level,
    l.source,
    l.updated_at
   FROM ((((held h
     CROSS JOIN kept k)
     CROSS JOIN marked m)
     CROSS JOIN LATERAL pms.limit_usage(k.limits, h.totals, m.marks, now()) u(id, scope, account, asset, metric, warn_level, breach_level, value, utilisation, level))
     JOIN pms.limits l ON ((u.id = l.id)));

ALTER TABLE api.limits OWNER TO pms_owner;

--
-- Name: VIEW limits; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.limits IS 'The limits and their current utilization

A value above a level exceeds it. Positions left out of the totals because they have no price or no
rate are in no value; see complete in api.portfolio.';

--
-- Name: COLUMN limits.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.id IS 'Composed of scope, account, asset and metric.';

--
-- Name: COLUMN limits.scope; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.scope IS 'portfolio (all accounts together), account or asset.';

--
-- Name: COLUMN limits.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.account IS 'Null: all accounts together.';

--
-- Name: COLUMN limits.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.asset IS 'Null: all assets.';

--
-- Name: COLUMN limits.metric; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.metric IS 'gross_exposure, net_exposure, position_size, exposure_share, drawdown or daily_loss.';

--
-- Name: COLUMN limits.warn_level; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.warn_level IS 'A value above it warns; null: none does. USDT; a quantity for position_size, a ratio for a share.';

--
-- Name: COLUMN limits.breach_level; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.breach_level IS 'A value above it is a breach. USDT; a quantity for position_size, a ratio for a share.';

--
-- Name: COLUMN limits.value; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.value IS 'The current value. USDT; a quantity for position_size, a ratio for a share.';

--
-- Name: COLUMN limits.utilisation; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.utilisation IS 'Ratio: value / breach_level.';

--
-- Name: COLUMN limits.level; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.level IS 'ok, warn or breach.';

--
-- Name: COLUMN limits.source; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.source IS 'operator, or settings (from the environment).';

--
-- Name: COLUMN limits.updated_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.limits.updated_at IS 'When the limit was last set.';

--
-- Name: pnl_by_asset; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.pnl_by_asset AS
 SELECT c.account,
    c.asset,
    c.unrealized_pnl_usdt,
    c.realized_pnl_usdt,
    c.total_pnl_usdt,
    c.fees_paid_usdt,
    c.funding_usdt,
    c.net_pnl_usdt,
    c.complete
   FROM pms.portfolio_totals_now c
  WHERE (NOT c.is_all_assets);

ALTER TABLE api.pnl_by_asset OWNER TO pms_owner;

--
-- Name: VIEW pnl_by_asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.pnl_by_asset IS 'Profit and loss of each asset

One row per account and asset. Rows with a null account are sums over all accounts; query one or the
other.';

--
-- Name: COLUMN pnl_by_asset.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.account IS 'Null: all accounts together.';

--
-- Name: COLUMN pnl_by_asset.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN pnl_by_asset.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.unrealized_pnl_usdt IS 'USDT: market value - cost.';

--
-- Name: COLUMN pnl_by_asset.realized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.realized_pnl_usdt IS 'USDT: gross realized - fees of closing + funding.';

--
-- Name: COLUMN pnl_by_asset.total_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.total_pnl_usdt IS 'USDT: unrealized + realized.';

--
-- Name: COLUMN pnl_by_asset.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

--
-- Name: COLUMN pnl_by_asset.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.funding_usdt IS 'USDT: received (+) or paid (-).';

--
-- Name: COLUMN pnl_by_asset.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding; the bottom line.';

--
-- Name: COLUMN pnl_by_asset.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_asset.complete IS 'False if an amount leaves out a position because it has no price or no rate to USDT.';

--
-- Name: portfolio_history_extent; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.portfolio_history_extent (
    only_row boolean DEFAULT true NOT NULL,
    recorded_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    thinned_before timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    CONSTRAINT portfolio_history_extent_has_one_row CHECK (only_row)
);

ALTER TABLE pms.portfolio_history_extent OWNER TO pms_owner;

--
-- Name: TABLE portfolio_history_extent; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.portfolio_history_extent IS 'How far the portfolio history has been recorded and thinned, one row

Nothing is recorded before recorded_at: after a clock that ran ahead, set it back to the newest row
that is right, and delete those after it.';

--
-- Name: COLUMN portfolio_history_extent.recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_history_extent.recorded_at IS 'The last minute recorded, also if no account has a row for it.';

--
-- Name: COLUMN portfolio_history_extent.thinned_before; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_history_extent.thinned_before IS 'Rows before it are the last of their quarter hour.';

--
-- Name: pnl_periods; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.pnl_periods AS
 SELECT u.unit,
    NULLIF(m.account, '*'::text) AS account,
    (b.starts_at)::date AS period_start,
    trim_scale((l.net_pnl - o.net_pnl)) AS net_pnl_usdt,
    trim_scale((l.realized - o.realized)) AS realized_usdt,
    trim_scale((l.unrealized_pnl - o.unrealized_pnl)) AS unrealized_pnl_usdt,
    trim_scale((l.fees_paid - o.fees_paid)) AS fees_paid_usdt,
    trim_scale((l.funding - o.funding)) AS funding_usdt,
    trim_scale(o.equity) AS opening_equity_usdt,
    trim_scale((l.capital + l.net_pnl)) AS closing_equity_usdt,
        CASE
            WHEN (o.equity > (0)::numeric) THEN trim_scale(pms.div_round((l.net_pnl - o.net_pnl), o.equity, 12))
            ELSE NULL::numeric
        END AS return_ratio,
    (l.complete AND o.complete) AS complete
   FROM (((((((( VALUES ('day'::text,'1 day'::interval), ('week'::text,'7 days'::interval), ('month'::text,'1 mon'::interval)) u(unit, length)
     CROSS JOIN pms.equity_marks m)
     CROSS JOIN pms.portfolio_history_extent e)
     JOIN LATERAL ( SELECT h.account,
            h.recorded_at,
            h.capital,
            h.net_pnl,
            h.realized,
            h.unrealized_pnl,
            h.fees_paid,
            h.funding,
            h.exposure,
            h.net_exposure,
            h.open_positions_count,
            h.long_positions_count,
            h.short_positions_count,
            h.complete,
            h.peak_net_pnl
           FROM pms.portfolio_history h
          WHERE (h.account = m.account)
          ORDER BY h.recorded_at
         LIMIT 1) f ON (true))
     JOIN LATERAL generate_series(date_trunc(u.unit, (f.recorded_at AT TIME ZONE 'UTC'::text)), (e.recorded_at AT TIME ZONE 'UTC'::text), u.length) b(starts_at) ON (true))
     JOIN LATERAL ( SELECT h.account,
            h.recorded_at,
            h.capital,
            h.net_pnl,
            h.realized,
            h.unrealized_pnl,
            h.fees_paid,
            h.funding,
            h.exposure,
            h.net_exposure,
            h.open_positions_count,
            h.long_positions_count,
            h.short_positions_count,
            h.complete,
            h.peak_net_pnl
           FROM pms.portfolio_history h
          WHERE ((h.account = m.account) AND (h.recorded_at < ((b.starts_at + u.length) AT TIME ZONE 'UTC'::text)))
          ORDER BY h.recorded_at DESC
         LIMIT 1) l ON (true))
     LEFT JOIN LATERAL ( SELECT h.account,
            h.recorded_at,
            h.capital,
            h.net_pnl,
            h.realized,
            h.unrealized_pnl,
            h.fees_paid,
            h.funding,
            h.exposure,
            h.net_exposure,
            h.open_positions_count,
            h.long_positions_count,
            h.short_positions_count,
            h.complete,
            h.peak_net_pnl
           FROM pms.portfolio_history h
          WHERE ((h.account = m.account) AND (h.recorded_at < (b.starts_at AT TIME ZONE 'UTC'::text)))
          ORDER BY h.recorded_at DESC
         LIMIT 1) p ON (true))
     JOIN LATERAL ( SELECT COALESCE(p.net_pnl, z.zero) AS net_pnl,
            COALESCE(p.realized, z.zero) AS realized,
            COALESCE(p.unrealized_pnl, z.zero) AS unrealized_pnl,
            COALESCE(p.fees_paid, z.zero) AS fees_paid,
            COALESCE(p.funding, z.zero) AS funding,
            COALESCE((p.capital + p.net_pnl), (f.capital + z.zero)) AS equity,
            COALESCE(p.complete, true) AS complete
           FROM ( SELECT
                        CASE
                            WHEN (f.recorded_at = m.began_at) THEN (0)::numeric
                            ELSE NULL::numeric
                        END AS zero) z) o ON (true))
  WHERE pms.in_scope(m.account);

ALTER TABLE pms.pnl_periods OWNER TO pms_owner;

--
-- Name: VIEW pnl_periods; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.pnl_periods IS 'Profit and loss of each account by day, week and month, in UTC

The difference between the totals at its end and at its start: those of the newest row of the history
before each. Every period has a row, from the first row of the account to the last minute recorded;
one in which nothing changed has a net PnL of 0.';

--
-- Name: pnl_by_day; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.pnl_by_day AS
 SELECT p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
   FROM pms.pnl_periods p
  WHERE (p.unit = 'day'::text);

ALTER TABLE api.pnl_by_day OWNER TO pms_owner;

--
-- Name: VIEW pnl_by_day; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.pnl_by_day IS 'Profit and loss of each account by day (UTC)

The difference between the totals at the end of the day and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a day without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.';

--
-- Name: COLUMN pnl_by_day.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.account IS 'Null: all accounts together.';

--
-- Name: COLUMN pnl_by_day.period_start; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.period_start IS 'The day, in UTC.';

--
-- Name: COLUMN pnl_by_day.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding, of the day.';

--
-- Name: COLUMN pnl_by_day.realized_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.realized_usdt IS 'USDT: gross realized in the day.';

--
-- Name: COLUMN pnl_by_day.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

--
-- Name: COLUMN pnl_by_day.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.fees_paid_usdt IS 'USDT: fees of the day; rebates are negative.';

--
-- Name: COLUMN pnl_by_day.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.funding_usdt IS 'USDT: received (+) or paid (-) in the day.';

--
-- Name: COLUMN pnl_by_day.opening_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.opening_equity_usdt IS 'USDT: equity before the period.';

--
-- Name: COLUMN pnl_by_day.closing_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.closing_equity_usdt IS 'USDT: equity at the end of the period.';

--
-- Name: COLUMN pnl_by_day.return_ratio; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.return_ratio IS 'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

--
-- Name: COLUMN pnl_by_day.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_day.complete IS 'False if an amount left out a position, before the period or at its end.';

--
-- Name: pnl_by_month; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.pnl_by_month AS
 SELECT p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
   FROM pms.pnl_periods p
  WHERE (p.unit = 'month'::text);

ALTER TABLE api.pnl_by_month OWNER TO pms_owner;

--
-- Name: VIEW pnl_by_month; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.pnl_by_month IS 'Profit and loss of each account by month (UTC)

The difference between the totals at the end of the month and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a month without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.';

--
-- Name: COLUMN pnl_by_month.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.account IS 'Null: all accounts together.';

--
-- Name: COLUMN pnl_by_month.period_start; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.period_start IS 'The first day of the period, in UTC.';

--
-- Name: COLUMN pnl_by_month.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding, of the month.';

--
-- Name: COLUMN pnl_by_month.realized_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.realized_usdt IS 'USDT: gross realized in the month.';

--
-- Name: COLUMN pnl_by_month.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

--
-- Name: COLUMN pnl_by_month.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.fees_paid_usdt IS 'USDT: fees of the month; rebates are negative.';

--
-- Name: COLUMN pnl_by_month.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.funding_usdt IS 'USDT: received (+) or paid (-) in the month.';

--
-- Name: COLUMN pnl_by_month.opening_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.opening_equity_usdt IS 'USDT: equity before the period.';

--
-- Name: COLUMN pnl_by_month.closing_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.closing_equity_usdt IS 'USDT: equity at the end of the period.';

--
-- Name: COLUMN pnl_by_month.return_ratio; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.return_ratio IS 'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

--
-- Name: COLUMN pnl_by_month.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_month.complete IS 'False if an amount left out a position, before the period or at its end.';

--
-- Name: pnl_by_week; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.pnl_by_week AS
 SELECT p.account,
    p.period_start,
    p.net_pnl_usdt,
    p.realized_usdt,
    p.unrealized_pnl_usdt,
    p.fees_paid_usdt,
    p.funding_usdt,
    p.opening_equity_usdt,
    p.closing_equity_usdt,
    p.return_ratio,
    p.complete
   FROM pms.pnl_periods p
  WHERE (p.unit = 'week'::text);

ALTER TABLE api.pnl_by_week OWNER TO pms_owner;

--
-- Name: VIEW pnl_by_week; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.pnl_by_week IS 'Profit and loss of each account by week (UTC, from Monday)

The difference between the totals at the end of the week and at its start in the portfolio history,
so the sum over all rows is the net PnL; 0 for a week without a change. Rows with a null account cover
all accounts together. Amounts are null if no totals from before the period are retained.';

--
-- Name: COLUMN pnl_by_week.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.account IS 'Null: all accounts together.';

--
-- Name: COLUMN pnl_by_week.period_start; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.period_start IS 'The first day of the period, in UTC.';

--
-- Name: COLUMN pnl_by_week.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding, of the week.';

--
-- Name: COLUMN pnl_by_week.realized_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.realized_usdt IS 'USDT: gross realized in the week.';

--
-- Name: COLUMN pnl_by_week.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.unrealized_pnl_usdt IS 'USDT: change of the unrealized PnL.';

--
-- Name: COLUMN pnl_by_week.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.fees_paid_usdt IS 'USDT: fees of the week; rebates are negative.';

--
-- Name: COLUMN pnl_by_week.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.funding_usdt IS 'USDT: received (+) or paid (-) in the week.';

--
-- Name: COLUMN pnl_by_week.opening_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.opening_equity_usdt IS 'USDT: equity before the period.';

--
-- Name: COLUMN pnl_by_week.closing_equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.closing_equity_usdt IS 'USDT: equity at the end of the period.';

--
-- Name: COLUMN pnl_by_week.return_ratio; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.return_ratio IS 'Ratio: net PnL / opening equity; null unless opening equity is above 0.';

--
-- Name: COLUMN pnl_by_week.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.pnl_by_week.complete IS 'False if an amount left out a position, before the period or at its end.';

--
-- Name: portfolio_history; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.portfolio_history AS
 SELECT NULLIF(h.account, '*'::text) AS account,
    h.recorded_at,
    trim_scale((h.capital + h.net_pnl)) AS equity_usdt,
    trim_scale(h.capital) AS capital_usdt,
    trim_scale(h.net_pnl) AS net_pnl_usdt,
    trim_scale(h.realized) AS realized_usdt,
    trim_scale(h.unrealized_pnl) AS unrealized_pnl_usdt,
    trim_scale(h.fees_paid) AS fees_paid_usdt,
    trim_scale(h.funding) AS funding_usdt,
    trim_scale(h.exposure) AS exposure_usdt,
    trim_scale(h.net_exposure) AS net_exposure_usdt,
    h.open_positions_count,
    h.long_positions_count,
    h.short_positions_count,
    h.complete
   FROM (pms.portfolio_history h
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(h.account);

ALTER TABLE api.portfolio_history OWNER TO pms_owner;

--
-- Name: VIEW portfolio_history; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.portfolio_history IS 'The totals of each account over time

A row for each minute in which a total changed, and after a week for the last such minute of each
quarter hour (UTC); also the first row of the account, and the totals at the start of the oldest
month. In between, the totals are those of the row before. As known at the time. Rows with a null
account cover all accounts together. Amounts are exact.';

--
-- Name: COLUMN portfolio_history.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.account IS 'Null: all accounts together.';

--
-- Name: COLUMN portfolio_history.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.recorded_at IS 'The minute from which the totals hold.';

--
-- Name: COLUMN portfolio_history.equity_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.equity_usdt IS 'USDT: capital + net PnL.';

--
-- Name: COLUMN portfolio_history.capital_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.capital_usdt IS 'USDT: the capital of the account; 0 if none was set.';

--
-- Name: COLUMN portfolio_history.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.net_pnl_usdt IS 'USDT: gross realized + unrealized - fees paid + funding.';

--
-- Name: COLUMN portfolio_history.realized_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.realized_usdt IS 'USDT: gross realized PnL.';

--
-- Name: COLUMN portfolio_history.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.unrealized_pnl_usdt IS 'USDT: market value - cost.';

--
-- Name: COLUMN portfolio_history.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.fees_paid_usdt IS 'USDT: all fees; rebates are negative.';

--
-- Name: COLUMN portfolio_history.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.funding_usdt IS 'USDT: received (+) or paid (-).';

--
-- Name: COLUMN portfolio_history.exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.exposure_usdt IS 'USDT: |market value| summed over legs.';

--
-- Name: COLUMN portfolio_history.net_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.net_exposure_usdt IS 'USDT: signed market value.';

--
-- Name: COLUMN portfolio_history.open_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.open_positions_count IS 'Count: positions with an open leg.';

--
-- Name: COLUMN portfolio_history.long_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.long_positions_count IS 'Count: positions of size > 0.';

--
-- Name: COLUMN portfolio_history.short_positions_count; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.short_positions_count IS 'Count: positions of size < 0.';

--
-- Name: COLUMN portfolio_history.complete; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.portfolio_history.complete IS 'False if an amount left out a position because it had no price or no rate to USDT.';

--
-- Name: prices; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.prices AS
 SELECT m.asset,
    trim_scale(m.mark_price) AS mark_price,
        CASE
            WHEN (m.priced_at < (now() - c.price_staleness_threshold)) THEN 'stale'::text
            ELSE 'fresh'::text
        END AS price_status,
    m.priced_at,
    m.recorded_at,
    m.source,
    m.trace_id,
    GREATEST((floor(EXTRACT(epoch FROM (now() - m.priced_at))))::bigint, (0)::bigint) AS age_seconds
   FROM (pms.prices m
     CROSS JOIN pms.settings c);

ALTER TABLE api.prices OWNER TO pms_owner;

--
-- Name: VIEW prices; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.prices IS 'The newest mark price of each asset';

--
-- Name: COLUMN prices.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN prices.mark_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.mark_price IS 'Quote currency.';

--
-- Name: COLUMN prices.price_status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.price_status IS 'fresh, or stale (older than the threshold, still used).';

--
-- Name: COLUMN prices.priced_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.priced_at IS 'The time of the price at its source.';

--
-- Name: COLUMN prices.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.recorded_at IS 'When the service recorded the price.';

--
-- Name: COLUMN prices.source; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.source IS 'ticker, venue (a position report), price_api (the fallback of the worker) or api.';

--
-- Name: COLUMN prices.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.trace_id IS 'The trace id of the message or request.';

--
-- Name: COLUMN prices.age_seconds; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.prices.age_seconds IS 'Age of the price by priced_at; 0 for a time in the future.';

--
-- Name: gateway_limits; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.gateway_limits (
    only_row boolean DEFAULT true NOT NULL,
    applied jsonb NOT NULL,
    applied_at timestamp with time zone NOT NULL,
    CONSTRAINT gateway_limits_has_one_row CHECK (only_row)
);

ALTER TABLE pms.gateway_limits OWNER TO pms_owner;

--
-- Name: TABLE gateway_limits; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.gateway_limits IS 'The rate limits that the gateway applies.';

--
-- Name: COLUMN gateway_limits.applied; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.gateway_limits.applied IS 'Requests per minute by key id, and for address and open.';

--
-- Name: rate_limits; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.rate_limits AS
 WITH counted AS (
         SELECT 'key'::text AS counted_by,
            k.id,
            k.name,
            k.tier,
            COALESCE(((s.rate_limit_overrides ->> k.name))::integer, ((s.rate_limit_overrides ->> k.tier))::integer,
                CASE k.tier
                    WHEN 'model-service'::text THEN 100
                    WHEN 'risk-manager'::text THEN 200
                    WHEN 'ui'::text THEN 1000
                    WHEN 'operator'::text THEN 6000
                    ELSE s.rate_limit_default
                END) AS per_minute,
            k.handle,
            k.fingerprint
           FROM (pms.api_keys k
             CROSS JOIN pms.settings s)
          WHERE ((k.revoked_at IS NULL) AND ((k.expires_at IS NULL) OR (k.expires_at > now())) AND (k.fingerprint IS NOT NULL))
        UNION ALL
         SELECT 'address'::text AS counted_by,
            'address'::text AS id,
            'no valid key'::text AS name,
            NULL::text AS tier,
            s.rate_limit_default AS per_minute,
            NULL::text AS handle,
            NULL::bytea AS fingerprint
           FROM pms.settings s
        UNION ALL
         SELECT 'address'::text AS counted_by,
            'open'::text AS id,
            '/health and /metrics'::text AS name,
            NULL::text AS tier,
            GREATEST(600, s.rate_limit_default) AS per_minute,
            NULL::text AS handle,
            NULL::bytea AS fingerprint
           FROM pms.settings s
        )
 SELECT c.counted_by,
    c.id,
    c.name,
    c.tier,
    c.per_minute,
    ((c.per_minute + 4) / 5) AS burst,
    16 AS concurrent,
    c.handle,
    c.fingerprint
   FROM counted c;

ALTER TABLE pms.rate_limits OWNER TO pms_owner;

--
-- Name: VIEW rate_limits; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.rate_limits IS 'The request limit of each key and of clients without one

The setting for the name of the key, else the setting for its tier, else the built-in limit of the
tier, else the default. Requests are accepted at an even rate, one per 60 s / per_minute, plus a
burst. Source: contract.md, section 1, "Rate limits".';

--
-- Name: rate_limits; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.rate_limits AS
 SELECT l.counted_by,
    l.id,
    l.name,
    l.tier,
        CASE
            WHEN s.rate_limit_enabled THEN l.per_minute
            ELSE NULL::integer
        END AS per_minute,
        CASE
            WHEN s.rate_limit_enabled THEN l.burst
            ELSE NULL::integer
        END AS burst,
        CASE
            WHEN s.rate_limit_enabled THEN l.concurrent
            ELSE NULL::integer
        END AS concurrent,
    ((g.applied ->> l.id))::integer AS in_force,
    g.applied_at
   FROM ((pms.rate_limits l
     CROSS JOIN pms.settings s)
     LEFT JOIN pms.gateway_limits g ON (true));

ALTER TABLE api.rate_limits OWNER TO pms_owner;

--
-- Name: VIEW rate_limits; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.rate_limits IS 'The rate limits of the gateway

Requests are accepted at an even rate, one per 60 s / per_minute, plus a burst. Requests with a key
that is revoked, expired or without a fingerprint count against the client address.';

--
-- Name: COLUMN rate_limits.counted_by; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.counted_by IS 'key or address.';

--
-- Name: COLUMN rate_limits.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.id IS 'The id of the key; address: each client without one; open: /health and /metrics.';

--
-- Name: COLUMN rate_limits.name; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.name IS 'The owner of the key.';

--
-- Name: COLUMN rate_limits.tier; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.tier IS 'The tier of the key.';

--
-- Name: COLUMN rate_limits.per_minute; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.per_minute IS 'Requests per minute; null means unlimited.';

--
-- Name: COLUMN rate_limits.burst; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.burst IS 'Additional requests accepted at once; null means unlimited.';

--
-- Name: COLUMN rate_limits.concurrent; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.concurrent IS 'Maximum number of concurrent requests; null means unlimited.';

--
-- Name: COLUMN rate_limits.in_force; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.in_force IS 'The requests per minute that the gateway last applied; null if none.';

--
-- Name: COLUMN rate_limits.applied_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.rate_limits.applied_at IS 'When the gateway last applied a change.';

--
-- Name: restatements; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.restatements AS
 SELECT r.account,
    r.id,
    r.asset,
    r.mode,
    r.leg,
    r.cause,
    r.earliest_at,
    trim_scale(r.realized_pnl_before) AS realized_pnl_before,
    trim_scale(r.realized_pnl_after) AS realized_pnl_after,
    trim_scale((r.realized_pnl_after - r.realized_pnl_before)) AS realized_pnl_change,
    i.settlement_currency,
    r.recorded_at,
    r.trace_id
   FROM (pms.restatements r
     JOIN pms.instruments i ON ((r.asset = i.asset)))
  WHERE pms.in_scope(r.account);

ALTER TABLE api.restatements OWNER TO pms_owner;

--
-- Name: VIEW restatements; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.restatements IS 'Changes of realized profit in the past, with cause and amount

One row whenever an entry arrives that is older than one already counted, or a counted entry is
voided. Realized profit published for earlier moments is then no longer current.';

--
-- Name: COLUMN restatements.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.account IS 'The account whose past changed.';

--
-- Name: COLUMN restatements.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.id IS 'Number of the restatement.';

--
-- Name: COLUMN restatements.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN restatements.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.mode IS 'one-way or hedge.';

--
-- Name: COLUMN restatements.leg; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.leg IS 'net in one-way mode; long or short in hedge mode.';

--
-- Name: COLUMN restatements.cause; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.cause IS 'late (an entry arrived late), bust, correction, or restore (a validation corrected a row).';

--
-- Name: COLUMN restatements.earliest_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.earliest_at IS 'Start of the changed past: event time of the oldest entry added or voided.';

--
-- Name: COLUMN restatements.realized_pnl_before; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.realized_pnl_before IS 'Settlement currency: published realized PnL (gross - fees of closing + funding) before.';

--
-- Name: COLUMN restatements.realized_pnl_after; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.realized_pnl_after IS 'Settlement currency: the same figure at the same entry, after.';

--
-- Name: COLUMN restatements.realized_pnl_change; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.realized_pnl_change IS 'Settlement currency: after - before.';

--
-- Name: COLUMN restatements.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.settlement_currency IS 'The currency of the amounts.';

--
-- Name: COLUMN restatements.recorded_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.recorded_at IS 'When the change was recorded.';

--
-- Name: COLUMN restatements.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.restatements.trace_id IS 'The trace id of the message or request.';

--
-- Name: return_statistics; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.return_statistics AS
 WITH summed AS (
         SELECT p.account,
            count(p.return_ratio) AS days,
            count(*) FILTER (WHERE (p.return_ratio > (0)::numeric)) AS winning_days,
            count(*) FILTER (WHERE (p.return_ratio < (0)::numeric)) AS losing_days,
            sum(p.return_ratio) AS sum_of_all,
            (((count(p.return_ratio))::numeric * sum((p.return_ratio * p.return_ratio))) - (sum(p.return_ratio) * sum(p.return_ratio))) AS spread,
            max(p.return_ratio) AS best,
            min(p.return_ratio) AS worst
           FROM pms.pnl_periods p
          WHERE (p.unit = 'day'::text)
          GROUP BY p.account
        )
 SELECT s.account,
    s.days,
    s.winning_days,
    s.losing_days,
        CASE
            WHEN (s.days > 0) THEN trim_scale(pms.div_round(s.sum_of_all, (s.days)::numeric, 12))
            ELSE NULL::numeric
        END AS mean_return,
        CASE
            WHEN (s.days > 1) THEN trim_scale(round(sqrt(pms.div_round(s.spread, ((s.days * (s.days - 1)))::numeric, 30)), 12))
            ELSE NULL::numeric
        END AS standard_deviation,
    s.best AS best_return,
    s.worst AS worst_return
   FROM summed s;

ALTER TABLE api.return_statistics OWNER TO pms_owner;

--
-- Name: VIEW return_statistics; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.return_statistics IS 'The distribution of the daily returns of each account

A day counts if its return is defined, that is, if the equity before it is above 0 (see
api.pnl_by_day). The row with a null account covers all accounts together.';

--
-- Name: COLUMN return_statistics.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.account IS 'Null: all accounts together.';

--
-- Name: COLUMN return_statistics.days; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.days IS 'Count: days with a return.';

--
-- Name: COLUMN return_statistics.winning_days; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.winning_days IS 'Count: days with a return above 0.';

--
-- Name: COLUMN return_statistics.losing_days; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.losing_days IS 'Count: days with a return below 0.';

--
-- Name: COLUMN return_statistics.mean_return; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.mean_return IS 'Ratio: the mean return; null without a day.';

--
-- Name: COLUMN return_statistics.standard_deviation; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.standard_deviation IS 'Ratio: sample standard deviation (n - 1); null with fewer than two days.';

--
-- Name: COLUMN return_statistics.best_return; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.best_return IS 'Ratio: the return of the best day.';

--
-- Name: COLUMN return_statistics.worst_return; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.return_statistics.worst_return IS 'Ratio: the return of the worst day.';

--
-- Name: snapshots; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.snapshots AS
 SELECT s.id,
    s.created_at,
    s.account,
    s.asset,
    s.mode,
    s.position_id,
    s.size,
    s.average_entry_price,
    s.current_price,
    s.unrealized_pnl,
    s.realized_pnl,
    s.long_size,
    s.short_size,
    s.unrealized_pnl_pct,
    s.time_held_minutes,
    s.position_size_norm,
    s.cost_basis,
    s.exposure_usdt,
    s.net_exposure_usdt,
    s.fees_paid,
    s.funding,
    s.net_pnl,
    s.unrealized_pnl_usdt,
    s.realized_pnl_usdt,
    s.fees_paid_usdt,
    s.funding_usdt,
    s.net_pnl_usdt,
    s.settlement_currency,
    s.unconverted_fees,
    s.price_status,
    s.price_updated_at,
    s.needs_review,
    s.last_updated,
    s.last_snapshot_at,
    s.closed_at,
    s.position_created_at,
    s.version,
    pms.position_json(ROW(s.account, s.position_id, s.asset, s.mode, s.size, s.average_entry_price, s.current_price, s.unrealized_pnl, s.realized_pnl, s.long_size, s.short_size, s.unrealized_pnl_pct, s.time_held_minutes, s.position_size_norm, s.cost_basis, s.exposure_usdt, s.net_exposure_usdt, s.fees_paid, s.funding, s.net_pnl, s.unrealized_pnl_usdt, s.realized_pnl_usdt, s.fees_paid_usdt, s.funding_usdt, s.net_pnl_usdt, s.settlement_currency, s.unconverted_fees, s.price_status, s.price_updated_at, s.needs_review, s.last_updated, s.last_snapshot_at, s.closed_at, s.position_created_at, s.version)::pms.current_positions) AS snapshot_data
   FROM (pms.snapshots s
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(s.account);

ALTER TABLE api.snapshots OWNER TO pms_owner;

--
-- Name: VIEW snapshots; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.snapshots IS 'Stored states of the positions

The columns of api.positions at the time of the snapshot. Indexed by (account, asset, mode,
created_at); a query that bounds created_at reads only the months in between.';

--
-- Name: COLUMN snapshots.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.id IS 'The id of the snapshot.';

--
-- Name: COLUMN snapshots.created_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.created_at IS 'The time of the snapshot.';

--
-- Name: COLUMN snapshots.account; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.account IS 'The account that holds the position.';

--
-- Name: COLUMN snapshots.asset; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.asset IS 'Symbol, upper case.';

--
-- Name: COLUMN snapshots.mode; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.mode IS 'one-way or hedge.';

--
-- Name: COLUMN snapshots.position_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.position_id IS 'The id of the position.';

--
-- Name: COLUMN snapshots.size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.size IS 'Quantity: + long, - short, 0 closed; in hedge mode long - short.';

--
-- Name: COLUMN snapshots.average_entry_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.average_entry_price IS 'Quote currency; null when flat and when two legs are open, because averages are never mixed.';

--
-- Name: COLUMN snapshots.current_price; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.current_price IS 'The newest mark price at that time; null if there was none.';

--
-- Name: COLUMN snapshots.unrealized_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.unrealized_pnl IS 'Settlement currency: market value - cost; 0 when flat or without a price.';

--
-- Name: COLUMN snapshots.realized_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.realized_pnl IS 'Settlement currency: gross realized - fees of closing + funding.';

--
-- Name: COLUMN snapshots.long_size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.long_size IS 'Quantity held long, not negative; null in one-way mode.';

--
-- Name: COLUMN snapshots.short_size; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.short_size IS 'Quantity held short, not negative; null in one-way mode.';

--
-- Name: COLUMN snapshots.unrealized_pnl_pct; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.unrealized_pnl_pct IS 'Percentage of the cost basis; null when flat.';

--
-- Name: COLUMN snapshots.time_held_minutes; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.time_held_minutes IS 'Whole minutes since the current cycle opened; null when flat.';

--
-- Name: COLUMN snapshots.position_size_norm; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.position_size_norm IS 'Ratio: exposure / total exposure of the account; null without a price.';

--
-- Name: COLUMN snapshots.cost_basis; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.cost_basis IS 'Settlement currency: cost of the open quantity, summed over legs, not negative.';

--
-- Name: COLUMN snapshots.exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.exposure_usdt IS 'USDT: |market value| summed over legs; null without a price or a rate.';

--
-- Name: COLUMN snapshots.net_exposure_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.net_exposure_usdt IS 'USDT: signed market value; null without a price or a rate.';

--
-- Name: COLUMN snapshots.fees_paid; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.fees_paid IS 'Settlement currency: all fees; rebates are negative.';

--
-- Name: COLUMN snapshots.funding; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.funding IS 'Settlement currency: received (+) or paid (-).';

--
-- Name: COLUMN snapshots.net_pnl; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.net_pnl IS 'Settlement currency: gross realized + unrealized - fees paid + funding; the bottom line.';

--
-- Name: COLUMN snapshots.unrealized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.unrealized_pnl_usdt IS 'USDT: unrealized_pnl at the newest rate of that time; null without a rate.';

--
-- Name: COLUMN snapshots.realized_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.realized_pnl_usdt IS 'USDT: realized_pnl at the newest rate of that time; null without a rate.';

--
-- Name: COLUMN snapshots.fees_paid_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.fees_paid_usdt IS 'USDT: fees_paid at the newest rate of that time; null without a rate.';

--
-- Name: COLUMN snapshots.funding_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.funding_usdt IS 'USDT: funding at the newest rate of that time; null without a rate.';

--
-- Name: COLUMN snapshots.net_pnl_usdt; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.net_pnl_usdt IS 'USDT: net_pnl at the newest rate of that time; null without a rate.';

--
-- Name: COLUMN snapshots.settlement_currency; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.settlement_currency IS 'The currency of cost, PnL and fees.';

--
-- Name: COLUMN snapshots.unconverted_fees; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.unconverted_fees IS 'Count: entries whose fee is not counted because no rate is known for their time.';

--
-- Name: COLUMN snapshots.price_status; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.price_status IS 'fresh, stale (older than the threshold, still used) or missing.';

--
-- Name: COLUMN snapshots.price_updated_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.price_updated_at IS 'The time of the mark price.';

--
-- Name: COLUMN snapshots.needs_review; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.needs_review IS 'An operator should look: it disagrees with the venue, or a leg is on the wrong side.';

--
-- Name: COLUMN snapshots.last_updated; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.last_updated IS 'When the position last changed.';

--
-- Name: COLUMN snapshots.last_snapshot_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.last_snapshot_at IS 'The time of the snapshot as well.';

--
-- Name: COLUMN snapshots.closed_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.closed_at IS 'When the position became flat; null while open.';

--
-- Name: COLUMN snapshots.position_created_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.position_created_at IS 'When the service first recorded the position.';

--
-- Name: COLUMN snapshots.version; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.version IS 'Increases by one with every fill, adjustment or price applied; in hedge mode, summed over legs.';

--
-- Name: COLUMN snapshots.snapshot_data; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.snapshots.snapshot_data IS 'The position as the API returned it at that time.';

--
-- Name: validations; Type: VIEW; Schema: api; Owner: pms_owner
--

CREATE VIEW api.validations AS
 SELECT v.id,
    v.origin,
    v.scope,
    v.is_fixing,
    v.positions,
    v.discrepancies,
    v.fixes,
    v.errors,
    v.started_at,
    v.finished_at,
    v.trace_id
   FROM (pms.validations v
     CROSS JOIN pms.read_only)
  WHERE pms.in_scope(split_part(v.scope, '/'::text, 1));

ALTER TABLE api.validations OWNER TO pms_owner;

--
-- Name: VIEW validations; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON VIEW api.validations IS 'Validations of one position or of all, with their counts.';

--
-- Name: COLUMN validations.id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.id IS 'Number of the validation.';

--
-- Name: COLUMN validations.origin; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.origin IS 'request (one position) or job (all positions).';

--
-- Name: COLUMN validations.scope; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.scope IS 'account/asset/mode of the position; null means all.';

--
-- Name: COLUMN validations.is_fixing; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.is_fixing IS 'True if fixable discrepancies were corrected.';

--
-- Name: COLUMN validations.positions; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.positions IS 'Count: positions compared.';

--
-- Name: COLUMN validations.discrepancies; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.discrepancies IS 'Count: discrepancies found, including the fixed ones.';

--
-- Name: COLUMN validations.fixes; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.fixes IS 'Count: discrepancies fixed.';

--
-- Name: COLUMN validations.errors; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.errors IS 'Count: positions whose ledger cannot be folded.';

--
-- Name: COLUMN validations.started_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.started_at IS 'When the validation started.';

--
-- Name: COLUMN validations.finished_at; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.finished_at IS 'When the validation finished; null if it is running or was interrupted.';

--
-- Name: COLUMN validations.trace_id; Type: COMMENT; Schema: api; Owner: pms_owner
--

COMMENT ON COLUMN api.validations.trace_id IS 'The trace id of the request.';

--
-- Name: amendments; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.amendments (
    account text NOT NULL,
    identity text NOT NULL,
    amends text NOT NULL,
    cause text NOT NULL,
    side text,
    quantity numeric,
    price numeric,
    fee numeric,
    fee_currency text,
    executed_at timestamp with time zone,
    amended_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    applied_at timestamp with time zone,
    source text NOT NULL,
    trace_id text,
    CONSTRAINT amendments_cause_is_known CHECK ((cause = ANY (ARRAY['bust'::text, 'correction'::text]))),
    CONSTRAINT amendments_side_is_known CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
);

ALTER TABLE pms.amendments OWNER TO pms_owner;

--
-- Name: TABLE amendments; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.amendments IS 'Busts and corrections as received

Their effect is in the ledger: voids, and entries that name the entry they amend. An amendment that
arrives before its fill waits for it.';

--
-- Name: COLUMN amendments.amends; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.amendments.amends IS 'The identity of the amended entry.';

--
-- Name: COLUMN amendments.amended_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.amendments.amended_at IS 'Time of the decision at the venue: the newest correction of an entry counts.';

--
-- Name: COLUMN amendments.applied_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.amendments.applied_at IS 'Null: waiting for its entry.';

--
-- Name: audit_default; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.audit_default (
    recorded_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    key_id text,
    role text NOT NULL,
    command text NOT NULL,
    arguments jsonb NOT NULL,
    account text,
    asset text,
    outcome text NOT NULL,
    trace_id text
);

ALTER TABLE pms.audit_default OWNER TO pms_owner;

--
-- Name: capital; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.capital (
    account text NOT NULL,
    effective_at timestamp with time zone NOT NULL,
    amount numeric NOT NULL,
    CONSTRAINT capital_account_is_name CHECK ((account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'::text)),
    CONSTRAINT capital_amount_in_range CHECK (((amount >= (0)::numeric) AND (amount < '100000000000000000000'::numeric)))
);

ALTER TABLE pms.capital OWNER TO pms_owner;

--
-- Name: TABLE capital; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.capital IS 'Capital of an account in USDT, by effective time

Each row holds the whole capital, not a change of it. No row: 0.';

--
-- Name: conflicts_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.conflicts ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.conflicts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: detached_statements; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.detached_statements (
    id bigint NOT NULL,
    statement text NOT NULL
);

ALTER TABLE pms.detached_statements OWNER TO pms_owner;

--
-- Name: detached_statements_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.detached_statements ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.detached_statements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: entries_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.entries ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.entries_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: idempotency_keys; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.idempotency_keys (
    key_id text NOT NULL,
    request_key text NOT NULL,
    command text NOT NULL,
    digest bytea NOT NULL,
    status integer,
    answer jsonb,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE pms.idempotency_keys OWNER TO pms_owner;

--
-- Name: TABLE idempotency_keys; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.idempotency_keys IS 'Answers to commands that carried an Idempotency-Key

Kept for a day. The row is written when the command begins and becomes visible when it ends: a second
request with the same key waits for the first.';

--
-- Name: COLUMN idempotency_keys.key_id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.idempotency_keys.key_id IS 'The API key: under another one the same Idempotency-Key is a different key.';

--
-- Name: COLUMN idempotency_keys.digest; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.idempotency_keys.digest IS 'sha256 of the arguments.';

--
-- Name: COLUMN idempotency_keys.status; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.idempotency_keys.status IS 'HTTP status of the answer.';

--
-- Name: job_runs_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.job_runs ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.job_runs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: limit_breaches_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.limit_breaches ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.limit_breaches_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: loaded_code; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.loaded_code (
    kind text NOT NULL,
    name text NOT NULL,
    digest text NOT NULL,
    CONSTRAINT loaded_code_kind_is_known CHECK ((kind = ANY (ARRAY['routine'::text, 'view'::text, 'type'::text, 'notes'::text])))
);

ALTER TABLE pms.loaded_code OWNER TO pms_owner;

--
-- Name: outbox; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.outbox (
    sequence bigint NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    payload jsonb NOT NULL,
    trace_id text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE pms.outbox OWNER TO pms_owner;

--
-- Name: TABLE outbox; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.outbox IS 'Events that the broker has not confirmed yet

Written in the transaction of the change; deleted by the relay once confirmed.';

--
-- Name: COLUMN outbox.id; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.outbox.id IS 'The event''s id, and the message_id under which it is sent.';

--
-- Name: COLUMN outbox.type; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.outbox.type IS 'The kind of event: its routing key.';

--
-- Name: outbox_reader; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE UNLOGGED TABLE pms.outbox_reader (
    only_row boolean DEFAULT true NOT NULL,
    is_waiting boolean NOT NULL,
    CONSTRAINT outbox_reader_has_one_row CHECK (only_row)
);

ALTER TABLE pms.outbox_reader OWNER TO pms_owner;

--
-- Name: TABLE outbox_reader; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.outbox_reader IS 'Whether the reader of the outbox waits to be notified

No row: it does. While events flow, the relay polls and no transaction notifies it.';

--
-- Name: outbox_sequence_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.outbox ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.outbox_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: portfolio_announcement; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.portfolio_announcement (
    only_row boolean DEFAULT true NOT NULL,
    totals jsonb NOT NULL,
    CONSTRAINT portfolio_announcement_has_one_row CHECK (only_row)
);

ALTER TABLE pms.portfolio_announcement OWNER TO pms_owner;

--
-- Name: portfolio_history_default; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.portfolio_history_default (
    account text NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
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
    peak_net_pnl numeric NOT NULL,
    CONSTRAINT portfolio_history_peak_is_highest CHECK (((peak_net_pnl >= net_pnl) AND (peak_net_pnl >= (0)::numeric)))
);

ALTER TABLE pms.portfolio_history_default OWNER TO pms_owner;

--
-- Name: portfolio_readings; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.portfolio_readings (
    reader text NOT NULL,
    read_at timestamp with time zone NOT NULL,
    seen_before xid8 NOT NULL,
    row_count bigint NOT NULL,
    CONSTRAINT portfolio_readings_reader_is_known CHECK ((reader = ANY (ARRAY['announcement'::text, 'history'::text, 'limits'::text])))
);

ALTER TABLE pms.portfolio_readings OWNER TO pms_owner;

--
-- Name: TABLE portfolio_readings; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.portfolio_readings IS 'What each reader of the portfolio has seen

So that it reads the totals only if something has changed since, see pms.read_portfolio.';

--
-- Name: COLUMN portfolio_readings.read_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_readings.read_at IS 'The moment of the totals.';

--
-- Name: COLUMN portfolio_readings.seen_before; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_readings.seen_before IS 'All transactions before this one had ended.';

--
-- Name: COLUMN portfolio_readings.row_count; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.portfolio_readings.row_count IS 'Number of rows on which totals and limits depend.';

--
-- Name: price_bars; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.price_bars (
    asset text NOT NULL,
    minute timestamp with time zone NOT NULL,
    open_price numeric NOT NULL,
    open_at timestamp with time zone NOT NULL,
    open_recorded_at timestamp with time zone NOT NULL,
    high_price numeric NOT NULL,
    low_price numeric NOT NULL,
    close_price numeric NOT NULL,
    close_at timestamp with time zone NOT NULL,
    close_recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT price_bars_in_range CHECK (((abs(low_price) < '100000000000000000000'::numeric) AND (abs(high_price) < '100000000000000000000'::numeric))),
    CONSTRAINT price_bars_in_their_minute CHECK (((minute <= open_at) AND (open_at <= close_at) AND (close_at < (minute + '00:01:00'::interval)))),
    CONSTRAINT price_bars_range_holds CHECK (((low_price <= LEAST(open_price, close_price)) AND (GREATEST(open_price, close_price) <= high_price)))
)
WITH (fillfactor='80');

ALTER TABLE pms.price_bars OWNER TO pms_owner;

--
-- Name: TABLE price_bars; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.price_bars IS 'Mark prices of each asset in bars of one minute

By the time of the price: a late price is merged into its bar. Among prices of the same time the
first to arrive is the open, the last the close.';

--
-- Name: COLUMN price_bars.open_recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.price_bars.open_recorded_at IS 'When the open was recorded.';

--
-- Name: COLUMN price_bars.close_recorded_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.price_bars.close_recorded_at IS 'When the close was recorded.';

--
-- Name: rejected_messages_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.rejected_messages ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.rejected_messages_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: restatements_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.restatements ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.restatements_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: snapshots_default; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.snapshots_default (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    position_id uuid NOT NULL,
    size numeric NOT NULL,
    average_entry_price numeric,
    current_price numeric,
    unrealized_pnl numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    long_size numeric,
    short_size numeric,
    unrealized_pnl_pct numeric,
    time_held_minutes bigint,
    position_size_norm numeric,
    cost_basis numeric NOT NULL,
    exposure_usdt numeric,
    net_exposure_usdt numeric,
    fees_paid numeric NOT NULL,
    funding numeric NOT NULL,
    net_pnl numeric NOT NULL,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    fees_paid_usdt numeric,
    funding_usdt numeric,
    net_pnl_usdt numeric,
    settlement_currency text NOT NULL,
    unconverted_fees bigint NOT NULL,
    price_status text NOT NULL,
    price_updated_at timestamp with time zone,
    needs_review boolean NOT NULL,
    last_updated timestamp with time zone NOT NULL,
    last_snapshot_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    position_created_at timestamp with time zone NOT NULL,
    version bigint NOT NULL
);

ALTER TABLE pms.snapshots_default OWNER TO pms_owner;

--
-- Name: standing_entries; Type: VIEW; Schema: pms; Owner: pms_owner
--

CREATE VIEW pms.standing_entries AS
 SELECT e.account,
    e.id,
    e.asset,
    e.mode,
    e.leg,
    e.kind,
    e.identity,
    e.order_id,
    e.quantity,
    e.price,
    e.fee,
    e.fee_currency,
    e.fee_native,
    e.fee_rate,
    e.amount,
    e.realized,
    e.version,
    e.amends,
    e.cause,
    e.counter_account,
    e.executed_at,
    e.recorded_at,
    e.source,
    e.trace_id
   FROM pms.entries e
  WHERE (NOT (EXISTS ( SELECT 1
           FROM pms.voids v
          WHERE ((v.account = e.account) AND (v.entry_id = e.id)))));

ALTER TABLE pms.standing_entries OWNER TO pms_owner;

--
-- Name: VIEW standing_entries; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON VIEW pms.standing_entries IS 'The entries that count: all but the voided ones

Has the columns of pms.entries.';

--
-- Name: subsumed_executions; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.subsumed_executions (
    account text NOT NULL,
    identity text NOT NULL,
    order_id text NOT NULL,
    asset text NOT NULL,
    leg text NOT NULL,
    quantity numeric NOT NULL,
    price numeric NOT NULL,
    fee numeric NOT NULL,
    counted_quantity numeric NOT NULL,
    counted_price numeric NOT NULL,
    counted_fee numeric NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    trace_id text
);

ALTER TABLE pms.subsumed_executions OWNER TO pms_owner;

--
-- Name: TABLE subsumed_executions; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.subsumed_executions IS 'Executions that a total of their order had counted before

Counted whole: the ledger has no entry for them. Counted in part: their entry holds the rest, at the
price that gives the order its cost. Stored as reported, so that a repeat is recognized and the
executions of an order can be summed.';

--
-- Name: COLUMN subsumed_executions.counted_quantity; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.subsumed_executions.counted_quantity IS 'Unsigned quantity that has an entry of its own; 0: none.';

--
-- Name: transfers; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.transfers (
    account text NOT NULL,
    transfer_id text NOT NULL,
    to_account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    quantity numeric NOT NULL,
    price numeric,
    recorded_at timestamp with time zone NOT NULL,
    trace_id text
);

ALTER TABLE pms.transfers OWNER TO pms_owner;

--
-- Name: TABLE transfers; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.transfers IS 'Transfers between accounts as requested

Their effect is in the ledger, one entry on each side. Only this row says which account gave: giving
a short away posts the same entries as receiving a long.';

--
-- Name: COLUMN transfers.account; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.transfers.account IS 'The account that gave.';

--
-- Name: COLUMN transfers.quantity; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.transfers.quantity IS 'Unsigned.';

--
-- Name: COLUMN transfers.price; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.transfers.price IS 'Null: at cost.';

--
-- Name: validation_statistics; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.validation_statistics (
    only_row boolean DEFAULT true NOT NULL,
    total_validations bigint DEFAULT 0 NOT NULL,
    total_discrepancies bigint DEFAULT 0 NOT NULL,
    total_fixes bigint DEFAULT 0 NOT NULL,
    total_errors bigint DEFAULT 0 NOT NULL,
    CONSTRAINT validation_statistics_has_one_row CHECK (only_row)
);

ALTER TABLE pms.validation_statistics OWNER TO pms_owner;

--
-- Name: TABLE validation_statistics; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.validation_statistics IS 'Totals of all validations since the first deploy, one row.';

--
-- Name: COLUMN validation_statistics.total_errors; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.validation_statistics.total_errors IS 'Positions whose ledger could not be folded.';

--
-- Name: validations_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.validations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.validations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: venue_positions; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.venue_positions (
    account text NOT NULL,
    asset text NOT NULL,
    mode text NOT NULL,
    leg text NOT NULL,
    size numeric NOT NULL,
    average_price numeric,
    mark_price numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    seq bigint,
    reported_at timestamp with time zone NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    trace_id text,
    unexplained_since timestamp with time zone,
    CONSTRAINT venue_positions_leg_fits_mode CHECK ((((mode = 'one-way'::text) AND (leg = 'net'::text)) OR ((mode = 'hedge'::text) AND (leg = ANY (ARRAY['long'::text, 'short'::text]))))),
    CONSTRAINT venue_positions_size_in_range CHECK (((abs(size) < '100000000000000000000'::numeric) AND (scale(size) <= 18)))
);

ALTER TABLE pms.venue_positions OWNER TO pms_owner;

--
-- Name: TABLE venue_positions; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.venue_positions IS 'The newest report of the venue about each leg.';

--
-- Name: COLUMN venue_positions.size; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.venue_positions.size IS 'Signed: + long, - short, 0 flat.';

--
-- Name: COLUMN venue_positions.mark_price; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.venue_positions.mark_price IS 'As reported, else implied by size, average and unrealized PnL.';

--
-- Name: COLUMN venue_positions.seq; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.venue_positions.seq IS 'Sequence number of the report, where the venue has one; else reported_at orders them.';

--
-- Name: COLUMN venue_positions.unexplained_since; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.venue_positions.unexplained_since IS 'Since when the venue reports a position that has no entry; null: it has one, or is flat.';

--
-- Name: verification_progress; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.verification_progress (
    only_row boolean DEFAULT true NOT NULL,
    verified_at timestamp with time zone,
    covered_since timestamp with time zone DEFAULT now() NOT NULL,
    pass_started_at timestamp with time zone,
    pass_entries bigint DEFAULT 0 NOT NULL,
    account text,
    asset text,
    mode text,
    since timestamp with time zone,
    CONSTRAINT verification_progress_has_one_row CHECK (only_row)
);

ALTER TABLE pms.verification_progress OWNER TO pms_owner;

--
-- Name: TABLE verification_progress; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.verification_progress IS 'How far the scheduled verification has come, one row.';

--
-- Name: COLUMN verification_progress.verified_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.verified_at IS 'Every change committed before this time has been verified; null: none yet.';

--
-- Name: COLUMN verification_progress.covered_since; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.covered_since IS 'Start of the last finished pass

Every part of the ledger has been folded since; before the first pass, the time of deployment.';

--
-- Name: COLUMN verification_progress.pass_started_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.pass_started_at IS 'Null: the next run begins a pass.';

--
-- Name: COLUMN verification_progress.pass_entries; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.pass_entries IS 'How many entries the running pass has folded; a position without an entry counts as one.';

--
-- Name: COLUMN verification_progress.account; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.account IS 'With asset and mode: the last position of the running pass.';

--
-- Name: COLUMN verification_progress.since; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verification_progress.since IS 'The event time that the pass has reached in that position; null: its end.';

--
-- Name: verifications; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.verifications (
    id bigint NOT NULL,
    started_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    finished_at timestamp with time zone,
    positions bigint DEFAULT 0 NOT NULL,
    entries bigint DEFAULT 0 NOT NULL,
    discrepancies bigint DEFAULT 0 NOT NULL,
    findings jsonb DEFAULT '[]'::jsonb NOT NULL
);

ALTER TABLE pms.verifications OWNER TO pms_owner;

--
-- Name: TABLE verifications; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.verifications IS 'Verifications of the whole ledger on request, with their findings

The scheduled ones are in pms.verification_progress.';

--
-- Name: COLUMN verifications.finished_at; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verifications.finished_at IS 'Null: running, or interrupted.';

--
-- Name: COLUMN verifications.findings; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON COLUMN pms.verifications.findings IS 'The first 100 findings.';

--
-- Name: verifications_id_seq; Type: SEQUENCE; Schema: pms; Owner: pms_owner
--

ALTER TABLE pms.verifications ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME pms.verifications_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: worker_reports; Type: TABLE; Schema: pms; Owner: pms_owner
--

CREATE TABLE pms.worker_reports (
    part text NOT NULL,
    status jsonb NOT NULL,
    reported_at timestamp with time zone NOT NULL,
    CONSTRAINT worker_reports_part_is_known CHECK ((part = ANY (ARRAY['ingest'::text, 'relay'::text, 'gateway'::text])))
);

ALTER TABLE pms.worker_reports OWNER TO pms_owner;

--
-- Name: TABLE worker_reports; Type: COMMENT; Schema: pms; Owner: pms_owner
--

COMMENT ON TABLE pms.worker_reports IS 'The newest report of each part of the worker.';

--
-- Name: audit_default; Type: TABLE ATTACH; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.audit ATTACH PARTITION pms.audit_default DEFAULT;

--
-- Name: portfolio_history_default; Type: TABLE ATTACH; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_history ATTACH PARTITION pms.portfolio_history_default DEFAULT;

--
-- Name: snapshots_default; Type: TABLE ATTACH; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.snapshots ATTACH PARTITION pms.snapshots_default DEFAULT;

--
-- Name: account_totals account_totals_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.account_totals
    ADD CONSTRAINT account_totals_pkey PRIMARY KEY (account, writer, currency);

--
-- Name: amendments amendments_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.amendments
    ADD CONSTRAINT amendments_pkey PRIMARY KEY (account, identity);

--
-- Name: api_keys api_keys_digest_key; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.api_keys
    ADD CONSTRAINT api_keys_digest_key UNIQUE (digest);

--
-- Name: api_keys api_keys_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

--
-- Name: audit audit_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.audit
    ADD CONSTRAINT audit_pkey PRIMARY KEY (recorded_at, id);

--
-- Name: audit_default audit_default_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.audit_default
    ADD CONSTRAINT audit_default_pkey PRIMARY KEY (recorded_at, id);

--
-- Name: capital capital_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.capital
    ADD CONSTRAINT capital_pkey PRIMARY KEY (account, effective_at);

--
-- Name: checkpoints checkpoints_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.checkpoints
    ADD CONSTRAINT checkpoints_pkey PRIMARY KEY (account, asset, mode, leg, executed_at, entry_id, known_from);

--
-- Name: conflicts conflicts_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.conflicts
    ADD CONSTRAINT conflicts_pkey PRIMARY KEY (account, id);

--
-- Name: conflicts conflicts_version_key; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.conflicts
    ADD CONSTRAINT conflicts_version_key UNIQUE (account, identity, digest);

--
-- Name: detached_statements detached_statements_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.detached_statements
    ADD CONSTRAINT detached_statements_pkey PRIMARY KEY (id);

--
-- Name: discrepancies discrepancies_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.discrepancies
    ADD CONSTRAINT discrepancies_pkey PRIMARY KEY (account, id);

--
-- Name: entries entries_identity_key; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.entries
    ADD CONSTRAINT entries_identity_key UNIQUE (account, identity);

--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (account, id);

--
-- Name: equity_marks equity_marks_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.equity_marks
    ADD CONSTRAINT equity_marks_pkey PRIMARY KEY (account);

--
-- Name: gateway_limits gateway_limits_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.gateway_limits
    ADD CONSTRAINT gateway_limits_pkey PRIMARY KEY (only_row);

--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (key_id, request_key);

--
-- Name: instruments instruments_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.instruments
    ADD CONSTRAINT instruments_pkey PRIMARY KEY (asset);

--
-- Name: job_runs job_runs_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.job_runs
    ADD CONSTRAINT job_runs_pkey PRIMARY KEY (id);

--
-- Name: key_uses key_uses_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.key_uses
    ADD CONSTRAINT key_uses_pkey PRIMARY KEY (key_id);

--
-- Name: ledger_findings ledger_findings_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.ledger_findings
    ADD CONSTRAINT ledger_findings_pkey PRIMARY KEY (account, asset, mode);

--
-- Name: limit_breaches limit_breaches_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.limit_breaches
    ADD CONSTRAINT limit_breaches_pkey PRIMARY KEY (account, id);

--
-- Name: limits limits_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.limits
    ADD CONSTRAINT limits_pkey PRIMARY KEY (account, asset, metric);

--
-- Name: loaded_code loaded_code_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.loaded_code
    ADD CONSTRAINT loaded_code_pkey PRIMARY KEY (kind, name);

--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (sequence);

--
-- Name: outbox_reader outbox_reader_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.outbox_reader
    ADD CONSTRAINT outbox_reader_pkey PRIMARY KEY (only_row);

--
-- Name: portfolio_announcement portfolio_announcement_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_announcement
    ADD CONSTRAINT portfolio_announcement_pkey PRIMARY KEY (only_row);

--
-- Name: portfolio_history portfolio_history_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_history
    ADD CONSTRAINT portfolio_history_pkey PRIMARY KEY (account, recorded_at);

--
-- Name: portfolio_history_default portfolio_history_default_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_history_default
    ADD CONSTRAINT portfolio_history_default_pkey PRIMARY KEY (account, recorded_at);

--
-- Name: portfolio_history_extent portfolio_history_extent_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_history_extent
    ADD CONSTRAINT portfolio_history_extent_pkey PRIMARY KEY (only_row);

--
-- Name: portfolio_readings portfolio_readings_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.portfolio_readings
    ADD CONSTRAINT portfolio_readings_pkey PRIMARY KEY (reader);

--
-- Name: positions positions_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (account, asset, mode, leg);

--
-- Name: price_bars price_bars_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.price_bars
    ADD CONSTRAINT price_bars_pkey PRIMARY KEY (asset, minute);

--
-- Name: prices prices_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.prices
    ADD CONSTRAINT prices_pkey PRIMARY KEY (asset);

--
-- Name: rejected_messages rejected_messages_body_key; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.rejected_messages
    ADD CONSTRAINT rejected_messages_body_key UNIQUE (feed, digest);

--
-- Name: rejected_messages rejected_messages_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.rejected_messages
    ADD CONSTRAINT rejected_messages_pkey PRIMARY KEY (id);

--
-- Name: restatements restatements_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.restatements
    ADD CONSTRAINT restatements_pkey PRIMARY KEY (account, id);

--
-- Name: settings settings_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.settings
    ADD CONSTRAINT settings_pkey PRIMARY KEY (only_row);

--
-- Name: snapshots snapshots_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.snapshots
    ADD CONSTRAINT snapshots_pkey PRIMARY KEY (account, asset, mode, created_at);

--
-- Name: snapshots_default snapshots_default_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.snapshots_default
    ADD CONSTRAINT snapshots_default_pkey PRIMARY KEY (account, asset, mode, created_at);

--
-- Name: subsumed_executions subsumed_executions_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.subsumed_executions
    ADD CONSTRAINT subsumed_executions_pkey PRIMARY KEY (account, identity);

--
-- Name: transfers transfers_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.transfers
    ADD CONSTRAINT transfers_pkey PRIMARY KEY (account, transfer_id);

--
-- Name: unconverted_fees unconverted_fees_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.unconverted_fees
    ADD CONSTRAINT unconverted_fees_pkey PRIMARY KEY (account, asset, mode, leg);

--
-- Name: validation_statistics validation_statistics_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.validation_statistics
    ADD CONSTRAINT validation_statistics_pkey PRIMARY KEY (only_row);

--
-- Name: validations validations_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.validations
    ADD CONSTRAINT validations_pkey PRIMARY KEY (id);

--
-- Name: venue_positions venue_positions_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.venue_positions
    ADD CONSTRAINT venue_positions_pkey PRIMARY KEY (account, asset, mode, leg);

--
-- Name: verification_progress verification_progress_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.verification_progress
    ADD CONSTRAINT verification_progress_pkey PRIMARY KEY (only_row);

--
-- Name: verifications verifications_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.verifications
    ADD CONSTRAINT verifications_pkey PRIMARY KEY (id);

--
-- Name: verified_legs verified_legs_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.verified_legs
    ADD CONSTRAINT verified_legs_pkey PRIMARY KEY (account, asset, mode, leg);

--
-- Name: voids voids_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.voids
    ADD CONSTRAINT voids_pkey PRIMARY KEY (account, entry_id);

--
-- Name: worker_reports worker_reports_pkey; Type: CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.worker_reports
    ADD CONSTRAINT worker_reports_pkey PRIMARY KEY (part);

--
-- Name: amendments_entry_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX amendments_entry_idx ON pms.amendments USING btree (account, amends);

--
-- Name: amendments_waiting_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX amendments_waiting_idx ON pms.amendments USING btree (account, amends) WHERE (applied_at IS NULL);

--
-- Name: audit_account_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX audit_account_idx ON ONLY pms.audit USING btree (account, recorded_at);

--
-- Name: audit_default_account_recorded_at_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX audit_default_account_recorded_at_idx ON pms.audit_default USING btree (account, recorded_at);

--
-- Name: audit_trace_id_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX audit_trace_id_idx ON ONLY pms.audit USING btree (trace_id);

--
-- Name: audit_default_trace_id_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX audit_default_trace_id_idx ON pms.audit_default USING btree (trace_id);

--
-- Name: checkpoints_known_now_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX checkpoints_known_now_idx ON pms.checkpoints USING btree (account, asset, mode, leg, executed_at, entry_id) WHERE (known_to = 'infinity'::timestamp with time zone);

--
-- Name: discrepancies_id_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX discrepancies_id_idx ON pms.discrepancies USING btree (id);

--
-- Name: discrepancies_newest_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX discrepancies_newest_idx ON pms.discrepancies USING btree (last_seen_at DESC, id);

--
-- Name: discrepancies_standing_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX discrepancies_standing_idx ON pms.discrepancies USING btree (account, asset, mode, leg) WHERE (status = ANY (ARRAY['open'::text, 'dismissed'::text]));

--
-- Name: entries_leg_in_event_order_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX entries_leg_in_event_order_idx ON pms.entries USING btree (account, asset, mode, leg, executed_at, id);

--
-- Name: entries_order_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX entries_order_idx ON pms.entries USING btree ((((account || '/'::text) || order_id))) WHERE (identity !~~ 'order:%'::text);

--
-- Name: entries_total_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX entries_total_idx ON pms.entries USING btree ((((account || '/'::text) || order_id))) WHERE (identity ~~ 'order:%'::text);

--
-- Name: entries_unconverted_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX entries_unconverted_idx ON pms.entries USING btree (account, asset, mode, leg) WHERE ((fee_native IS NOT NULL) AND (fee_rate IS NULL));

--
-- Name: idempotency_keys_created_at_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idempotency_keys_created_at_idx ON pms.idempotency_keys USING btree (created_at);

--
-- Name: idx_positions_asset; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idx_positions_asset ON pms.positions USING btree (asset);

--
-- Name: idx_positions_asset_mode; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idx_positions_asset_mode ON pms.positions USING btree (asset, mode);

--
-- Name: idx_positions_current_price; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idx_positions_current_price ON pms.positions USING btree (current_price);

--
-- Name: idx_positions_mode; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idx_positions_mode ON pms.positions USING btree (mode);

--
-- Name: idx_positions_version; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX idx_positions_version ON pms.positions USING btree (version);

--
-- Name: job_runs_job_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX job_runs_job_idx ON pms.job_runs USING btree (job, started_at DESC);

--
-- Name: job_runs_succeeded_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX job_runs_succeeded_idx ON pms.job_runs USING btree (job, started_at DESC) WHERE (status = 'succeeded'::text);

--
-- Name: limit_breaches_open_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE UNIQUE INDEX limit_breaches_open_idx ON pms.limit_breaches USING btree (account, limit_id) WHERE (ended_at IS NULL);

--
-- Name: outbox_announcements_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX outbox_announcements_idx ON pms.outbox USING btree (aggregateid, sequence) WHERE (type = 'portfolio_updated'::text);

--
-- Name: portfolio_history_published_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX portfolio_history_published_idx ON ONLY pms.portfolio_history USING btree (NULLIF(account, '*'::text), recorded_at);

--
-- Name: portfolio_history_default_nullif_recorded_at_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX portfolio_history_default_nullif_recorded_at_idx ON pms.portfolio_history_default USING btree (NULLIF(account, '*'::text), recorded_at);

--
-- Name: prices_currency_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX prices_currency_idx ON pms.prices USING btree ("left"(asset, '-4'::integer)) WHERE ((asset ~~ '_%USDT'::text) AND (asset <> 'USDTUSDT'::text));

--
-- Name: prices_unmarked_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX prices_unmarked_idx ON pms.prices USING btree (asset) WHERE (NOT is_marked);

--
-- Name: restatements_leg_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX restatements_leg_idx ON pms.restatements USING btree (account, asset, mode, leg, recorded_at);

--
-- Name: subsumed_executions_order_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX subsumed_executions_order_idx ON pms.subsumed_executions USING btree (account, order_id);

--
-- Name: venue_positions_unexplained_idx; Type: INDEX; Schema: pms; Owner: pms_owner
--

CREATE INDEX venue_positions_unexplained_idx ON pms.venue_positions USING btree (unexplained_since) WHERE (unexplained_since IS NOT NULL);

--
-- Name: audit_default_account_recorded_at_idx; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.audit_account_idx ATTACH PARTITION pms.audit_default_account_recorded_at_idx;

--
-- Name: audit_default_pkey; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.audit_pkey ATTACH PARTITION pms.audit_default_pkey;

--
-- Name: audit_default_trace_id_idx; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.audit_trace_id_idx ATTACH PARTITION pms.audit_default_trace_id_idx;

--
-- Name: portfolio_history_default_nullif_recorded_at_idx; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.portfolio_history_published_idx ATTACH PARTITION pms.portfolio_history_default_nullif_recorded_at_idx;

--
-- Name: portfolio_history_default_pkey; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.portfolio_history_pkey ATTACH PARTITION pms.portfolio_history_default_pkey;

--
-- Name: snapshots_default_pkey; Type: INDEX ATTACH; Schema: pms; Owner: pms_owner
--

ALTER INDEX pms.snapshots_pkey ATTACH PARTITION pms.snapshots_default_pkey;

--
-- Name: api_keys api_keys_replaces_fkey; Type: FK CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.api_keys
    ADD CONSTRAINT api_keys_replaces_fkey FOREIGN KEY (replaces) REFERENCES pms.api_keys(id);

--
-- Name: key_uses key_uses_key_id_fkey; Type: FK CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.key_uses
    ADD CONSTRAINT key_uses_key_id_fkey FOREIGN KEY (key_id) REFERENCES pms.api_keys(id) ON DELETE CASCADE;

--
-- Name: positions positions_asset_fkey; Type: FK CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.positions
    ADD CONSTRAINT positions_asset_fkey FOREIGN KEY (asset) REFERENCES pms.instruments(asset);

--
-- Name: voids voids_entry_fkey; Type: FK CONSTRAINT; Schema: pms; Owner: pms_owner
--

ALTER TABLE ONLY pms.voids
    ADD CONSTRAINT voids_entry_fkey FOREIGN KEY (account, entry_id) REFERENCES pms.entries(account, id);

--
-- Name: SCHEMA api; Type: ACL; Schema: -; Owner: pms_owner
--

GRANT USAGE ON SCHEMA api TO pms_anon;
GRANT USAGE ON SCHEMA api TO pms_reader;
GRANT USAGE ON SCHEMA api TO pms_trader;
GRANT USAGE ON SCHEMA api TO pms_operator;
GRANT USAGE ON SCHEMA api TO pms_analyst;

--
-- Name: SCHEMA pms; Type: ACL; Schema: -; Owner: pms_owner
--

GRANT USAGE ON SCHEMA pms TO pms_anon;
GRANT USAGE ON SCHEMA pms TO pms_worker;

--
-- Name: TYPE "application/json"; Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON TYPE api."application/json" FROM PUBLIC;

--
-- Name: TYPE "text/plain"; Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON TYPE api."text/plain" FROM PUBLIC;

--
-- Name: TYPE amendment_event; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.amendment_event FROM PUBLIC;

--
-- Name: TYPE amendment_message; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.amendment_message FROM PUBLIC;

--
-- Name: TYPE argument; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.argument FROM PUBLIC;

--
-- Name: TYPE arguments; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.arguments FROM PUBLIC;

--
-- Name: TYPE changed_leg; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.changed_leg FROM PUBLIC;

--
-- Name: TYPE command; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.command FROM PUBLIC;

--
-- Name: TYPE discrepancy_decision; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.discrepancy_decision FROM PUBLIC;

--
-- Name: TYPE entry_content; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.entry_content FROM PUBLIC;

--
-- Name: TYPE entry_void; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.entry_void FROM PUBLIC;

--
-- Name: TYPE finding; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.finding FROM PUBLIC;

--
-- Name: TYPE position_key; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.position_key FROM PUBLIC;

--
-- Name: TYPE examination; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.examination FROM PUBLIC;

--
-- Name: TYPE explained_entry; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.explained_entry FROM PUBLIC;

--
-- Name: TYPE exposure_change; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.exposure_change FROM PUBLIC;

--
-- Name: TYPE folded_leg; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.folded_leg FROM PUBLIC;

--
-- Name: TYPE imported_leg; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.imported_leg FROM PUBLIC;

--
-- Name: TYPE job_step; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.job_step FROM PUBLIC;

--
-- Name: TYPE ledger_examination; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.ledger_examination FROM PUBLIC;

--
-- Name: TYPE leg_change; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.leg_change FROM PUBLIC;

--
-- Name: TYPE leg_key; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.leg_key FROM PUBLIC;

--
-- Name: TYPE leg_state; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.leg_state FROM PUBLIC;

--
-- Name: TYPE leg_moment; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.leg_moment FROM PUBLIC;

--
-- Name: TYPE limit_basis; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.limit_basis FROM PUBLIC;

--
-- Name: TYPE limit_state; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.limit_state FROM PUBLIC;

--
-- Name: TYPE limit_change; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.limit_change FROM PUBLIC;

--
-- Name: TYPE marked_leg; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.marked_leg FROM PUBLIC;

--
-- Name: TYPE metric_sample; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.metric_sample FROM PUBLIC;

--
-- Name: TYPE open_lot; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.open_lot FROM PUBLIC;

--
-- Name: TYPE order_progress; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.order_progress FROM PUBLIC;

--
-- Name: TYPE order_event; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.order_event FROM PUBLIC;

--
-- Name: TYPE order_message; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.order_message FROM PUBLIC;

--
-- Name: TYPE outbox_event; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.outbox_event FROM PUBLIC;

--
-- Name: TYPE outcome; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.outcome FROM PUBLIC;

--
-- Name: TYPE portfolio_total; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.portfolio_total FROM PUBLIC;

--
-- Name: TYPE portfolio_reading; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.portfolio_reading FROM PUBLIC;

--
-- Name: TYPE portfolio_summary; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.portfolio_summary FROM PUBLIC;

--
-- Name: TYPE position_figures; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.position_figures FROM PUBLIC;

--
-- Name: TYPE pre_trade_side; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.pre_trade_side FROM PUBLIC;

--
-- Name: TYPE price_event; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.price_event FROM PUBLIC;

--
-- Name: TYPE priced_leg; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.priced_leg FROM PUBLIC;

--
-- Name: TYPE reconciled_position; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.reconciled_position FROM PUBLIC;

--
-- Name: TYPE round_trip; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.round_trip FROM PUBLIC;

--
-- Name: TYPE round_trip_flow; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.round_trip_flow FROM PUBLIC;

--
-- Name: TYPE transfer; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.transfer FROM PUBLIC;

--
-- Name: TYPE venue_comparison; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.venue_comparison FROM PUBLIC;

--
-- Name: TYPE venue_report; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.venue_report FROM PUBLIC;

--
-- Name: TYPE verified_part; Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON TYPE pms.verified_part FROM PUBLIC;

--
-- Name: FUNCTION accept_discrepancy(id text, note text, encoded_note text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.accept_discrepancy(id text, note text, encoded_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.accept_discrepancy(id text, note text, encoded_note text) TO pms_trader;
GRANT ALL ON FUNCTION api.accept_discrepancy(id text, note text, encoded_note text) TO pms_operator;

--
-- Name: FUNCTION begin_job(job text, only_when_due boolean); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.begin_job(job text, only_when_due boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.begin_job(job text, only_when_due boolean) TO pms_operator;

--
-- Name: FUNCTION bust_fill(execution_id text, identity text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.bust_fill(execution_id text, identity text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.bust_fill(execution_id text, identity text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.bust_fill(execution_id text, identity text, account text) TO pms_operator;

--
-- Name: FUNCTION check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) TO pms_reader;
GRANT ALL ON FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.check_fill(asset text, side text, quantity text, price text, fee text, mode text, position_side text, account text) TO pms_operator;

--
-- Name: FUNCTION closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) TO pms_reader;
GRANT ALL ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) TO pms_trader;
GRANT ALL ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) TO pms_operator;
GRANT ALL ON FUNCTION api.closed_cycles(asset text, mode text, account text, from_time timestamp with time zone, to_time timestamp with time zone) TO pms_analyst;

--
-- Name: FUNCTION continue_job(run bigint); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.continue_job(run bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.continue_job(run bigint) TO pms_operator;

--
-- Name: FUNCTION correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.correct_fill(correction_id text, execution_id text, identity text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, corrected_at text, account text) TO pms_operator;

--
-- Name: TABLE keys; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.keys TO pms_operator;

--
-- Name: FUNCTION create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_key(id text, digest bytea, role text, name text, tier text, account_scope text[], expires_at timestamp with time zone, fingerprint bytea) TO pms_operator;

--
-- Name: FUNCTION create_snapshot(asset text, mode text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.create_snapshot(asset text, mode text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_snapshot(asset text, mode text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.create_snapshot(asset text, mode text, account text) TO pms_operator;

--
-- Name: FUNCTION create_snapshots(account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.create_snapshots(account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.create_snapshots(account text) TO pms_trader;
GRANT ALL ON FUNCTION api.create_snapshots(account text) TO pms_operator;

--
-- Name: FUNCTION define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.define_instrument(asset text, kind text, multiplier numeric, quote_currency text, settlement_currency text, allows_negative_price boolean) TO pms_operator;

--
-- Name: FUNCTION dismiss_discrepancy(id text, note text, encoded_note text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.dismiss_discrepancy(id text, note text, encoded_note text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.dismiss_discrepancy(id text, note text, encoded_note text) TO pms_trader;
GRANT ALL ON FUNCTION api.dismiss_discrepancy(id text, note text, encoded_note text) TO pms_operator;

--
-- Name: FUNCTION drop_dead_letter(id bigint); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.drop_dead_letter(id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.drop_dead_letter(id bigint) TO pms_operator;
GRANT ALL ON FUNCTION api.drop_dead_letter(id bigint) TO pms_http_operator;

--
-- Name: FUNCTION get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_closed_cycles(asset text, mode text, account text, from_time text, to_time text, page_limit text, page_offset text) TO pms_operator;

--
-- Name: FUNCTION get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_discrepancies(status text, asset text, mode text, account text, page_limit text, page_offset text) TO pms_operator;

--
-- Name: FUNCTION get_exposure(account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_exposure(account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_exposure(account text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_exposure(account text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_exposure(account text) TO pms_operator;

--
-- Name: FUNCTION get_health(); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_health() FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_health() TO pms_anon;
GRANT ALL ON FUNCTION api.get_health() TO pms_reader;
GRANT ALL ON FUNCTION api.get_health() TO pms_trader;
GRANT ALL ON FUNCTION api.get_health() TO pms_operator;

--
-- Name: FUNCTION get_metrics(); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_metrics() FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_metrics() TO pms_anon;
GRANT ALL ON FUNCTION api.get_metrics() TO pms_reader;
GRANT ALL ON FUNCTION api.get_metrics() TO pms_trader;
GRANT ALL ON FUNCTION api.get_metrics() TO pms_operator;

--
-- Name: FUNCTION get_metrics_text(); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_metrics_text() FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_metrics_text() TO pms_anon;
GRANT ALL ON FUNCTION api.get_metrics_text() TO pms_reader;
GRANT ALL ON FUNCTION api.get_metrics_text() TO pms_trader;
GRANT ALL ON FUNCTION api.get_metrics_text() TO pms_operator;

--
-- Name: FUNCTION get_pnl(account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_pnl(account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_pnl(account text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_pnl(account text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_pnl(account text) TO pms_operator;

--
-- Name: FUNCTION get_portfolio(include_positions text, asset text, account text, as_of text, known_at text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_portfolio(include_positions text, asset text, account text, as_of text, known_at text) TO pms_operator;

--
-- Name: FUNCTION get_position(asset text, mode text, account text, as_of text, known_at text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_position(asset text, mode text, account text, as_of text, known_at text) TO pms_operator;

--
-- Name: FUNCTION get_position_entries(asset text, mode text, account text, page_limit text, before text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_position_entries(asset text, mode text, account text, page_limit text, before text) TO pms_operator;

--
-- Name: FUNCTION get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_positions(account text, asset text, mode text, size_min text, size_max text, page_limit text, page_offset text, as_of text, known_at text) TO pms_operator;

--
-- Name: FUNCTION get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) TO pms_reader;
GRANT ALL ON FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.get_snapshots(asset text, mode text, page_limit text, page_offset text, from_time text, to_time text, account text) TO pms_operator;

--
-- Name: FUNCTION import_positions(positions jsonb, account text, only_plan boolean); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.import_positions(positions jsonb, account text, only_plan boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION api.import_positions(positions jsonb, account text, only_plan boolean) TO pms_operator;

--
-- Name: FUNCTION contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) TO pms_reader;
GRANT ALL ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) TO pms_trader;
GRANT ALL ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) TO pms_operator;
GRANT ALL ON FUNCTION pms.contract_value(quantity numeric, price numeric, multiplier numeric, is_inverse boolean) TO pms_analyst;

--
-- Name: FUNCTION empty_total(account text, asset text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.empty_total(account text, asset text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.empty_total(account text, asset text) TO pms_reader;
GRANT ALL ON FUNCTION pms.empty_total(account text, asset text) TO pms_trader;
GRANT ALL ON FUNCTION pms.empty_total(account text, asset text) TO pms_operator;
GRANT ALL ON FUNCTION pms.empty_total(account text, asset text) TO pms_analyst;

--
-- Name: FUNCTION in_scope(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.in_scope(account text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.in_scope(account text) TO pms_reader;
GRANT ALL ON FUNCTION pms.in_scope(account text) TO pms_trader;
GRANT ALL ON FUNCTION pms.in_scope(account text) TO pms_operator;
GRANT ALL ON FUNCTION pms.in_scope(account text) TO pms_analyst;

--
-- Name: FUNCTION leg_figures(legs pms.priced_leg[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) TO pms_reader;
GRANT ALL ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) TO pms_trader;
GRANT ALL ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) TO pms_operator;
GRANT ALL ON FUNCTION pms.leg_figures(legs pms.priced_leg[]) TO pms_analyst;

--
-- Name: FUNCTION sum_few(numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.sum_few(numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.sum_few(numeric) TO pms_reader;
GRANT ALL ON FUNCTION pms.sum_few(numeric) TO pms_trader;
GRANT ALL ON FUNCTION pms.sum_few(numeric) TO pms_operator;
GRANT ALL ON FUNCTION pms.sum_few(numeric) TO pms_analyst;

--
-- Name: FUNCTION sum_legs(legs pms.priced_leg[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) TO pms_reader;
GRANT ALL ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) TO pms_trader;
GRANT ALL ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) TO pms_operator;
GRANT ALL ON FUNCTION pms.sum_legs(legs pms.priced_leg[]) TO pms_analyst;

--
-- Name: FUNCTION sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) TO pms_reader;
GRANT ALL ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) TO pms_trader;
GRANT ALL ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) TO pms_operator;
GRANT ALL ON FUNCTION pms.sum_positions(legs pms.priced_leg[], is_all_accounts boolean, is_all_assets boolean) TO pms_analyst;

--
-- Name: FUNCTION portfolio_totals(legs pms.priced_leg[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) TO pms_reader;
GRANT ALL ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) TO pms_trader;
GRANT ALL ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) TO pms_operator;
GRANT ALL ON FUNCTION pms.portfolio_totals(legs pms.priced_leg[]) TO pms_analyst;

--
-- Name: TABLE portfolio; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.portfolio TO pms_reader;
GRANT SELECT ON TABLE api.portfolio TO pms_trader;
GRANT SELECT ON TABLE api.portfolio TO pms_operator;
GRANT SELECT ON TABLE api.portfolio TO pms_analyst;

--
-- Name: FUNCTION portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) TO pms_reader;
GRANT ALL ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) TO pms_operator;
GRANT ALL ON FUNCTION api.portfolio_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) TO pms_analyst;

--
-- Name: FUNCTION position_entries(asset text, mode text, account text, page_limit integer, before bigint); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) TO pms_reader;
GRANT ALL ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) TO pms_trader;
GRANT ALL ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) TO pms_operator;
GRANT ALL ON FUNCTION api.position_entries(asset text, mode text, account text, page_limit integer, before bigint) TO pms_analyst;

--
-- Name: FUNCTION account_exposure(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.account_exposure(account text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.account_exposure(account text) TO pms_reader;
GRANT ALL ON FUNCTION pms.account_exposure(account text) TO pms_trader;
GRANT ALL ON FUNCTION pms.account_exposure(account text) TO pms_operator;
GRANT ALL ON FUNCTION pms.account_exposure(account text) TO pms_analyst;

--
-- Name: FUNCTION div_round(numerator numeric, denominator numeric, places integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) TO pms_reader;
GRANT ALL ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) TO pms_trader;
GRANT ALL ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) TO pms_operator;
GRANT ALL ON FUNCTION pms.div_round(numerator numeric, denominator numeric, places integer) TO pms_analyst;

--
-- Name: FUNCTION average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) TO pms_reader;
GRANT ALL ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) TO pms_trader;
GRANT ALL ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) TO pms_operator;
GRANT ALL ON FUNCTION pms.average_price(size numeric, cost numeric, multiplier numeric, is_inverse boolean) TO pms_analyst;

--
-- Name: FUNCTION value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) TO pms_reader;
GRANT ALL ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) TO pms_trader;
GRANT ALL ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) TO pms_operator;
GRANT ALL ON FUNCTION pms.value_position(p pms.position_figures, account_exposure numeric, at timestamp with time zone, staleness interval) TO pms_analyst;

--
-- Name: TABLE positions; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.positions TO pms_reader;
GRANT SELECT ON TABLE api.positions TO pms_trader;
GRANT SELECT ON TABLE api.positions TO pms_operator;
GRANT SELECT ON TABLE api.positions TO pms_analyst;

--
-- Name: FUNCTION positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) TO pms_reader;
GRANT ALL ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) TO pms_trader;
GRANT ALL ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) TO pms_operator;
GRANT ALL ON FUNCTION api.positions_as_of(at timestamp with time zone, known_at timestamp with time zone, account text, asset text) TO pms_analyst;

--
-- Name: FUNCTION record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text) TO pms_trader;
GRANT ALL ON FUNCTION api.record_fill(execution_id text, asset text, side text, execution_quantity text, execution_price text, execution_fees text, fee_currency text, executed_at text, order_id text, account text, mode text, position_side text) TO pms_operator;

--
-- Name: FUNCTION record_fills(fills jsonb); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_fills(fills jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_fills(fills jsonb) TO pms_trader;
GRANT ALL ON FUNCTION api.record_fills(fills jsonb) TO pms_operator;

--
-- Name: FUNCTION record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text) TO pms_trader;
GRANT ALL ON FUNCTION api.record_funding(funding_id text, asset text, amount text, executed_at text, account text, mode text, position_side text) TO pms_operator;

--
-- Name: FUNCTION record_price(symbol text, mark_price text, "timestamp" text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_price(symbol text, mark_price text, "timestamp" text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_price(symbol text, mark_price text, "timestamp" text) TO pms_trader;
GRANT ALL ON FUNCTION api.record_price(symbol text, mark_price text, "timestamp" text) TO pms_operator;

--
-- Name: FUNCTION record_prices(prices jsonb); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_prices(prices jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_prices(prices jsonb) TO pms_trader;
GRANT ALL ON FUNCTION api.record_prices(prices jsonb) TO pms_operator;

--
-- Name: FUNCTION record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text) TO pms_trader;
GRANT ALL ON FUNCTION api.record_transfer(transfer_id text, asset text, quantity text, from_account text, to_account text, price text, mode text, position_side text) TO pms_operator;

--
-- Name: FUNCTION remove_limit(id text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.remove_limit(id text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.remove_limit(id text) TO pms_operator;

--
-- Name: FUNCTION retry_dead_letter(id bigint); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.retry_dead_letter(id bigint) FROM PUBLIC;
GRANT ALL ON FUNCTION api.retry_dead_letter(id bigint) TO pms_operator;
GRANT ALL ON FUNCTION api.retry_dead_letter(id bigint) TO pms_http_operator;

--
-- Name: FUNCTION revoke_key(id text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.revoke_key(id text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.revoke_key(id text) TO pms_operator;

--
-- Name: FUNCTION rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION api.rotate_key(id text, new_id text, new_digest bytea, overlap interval, new_fingerprint bytea) TO pms_operator;

--
-- Name: FUNCTION set_capital(amount numeric, account text, effective_at timestamp with time zone); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.set_capital(amount numeric, account text, effective_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION api.set_capital(amount numeric, account text, effective_at timestamp with time zone) TO pms_operator;

--
-- Name: FUNCTION set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.set_limit(metric text, breach_level numeric, warn_level numeric, account text, asset text) TO pms_operator;

--
-- Name: FUNCTION validate_position(asset text, mode text, fix_discrepancies text, account text); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.validate_position(asset text, mode text, fix_discrepancies text, account text) FROM PUBLIC;
GRANT ALL ON FUNCTION api.validate_position(asset text, mode text, fix_discrepancies text, account text) TO pms_trader;
GRANT ALL ON FUNCTION api.validate_position(asset text, mode text, fix_discrepancies text, account text) TO pms_operator;

--
-- Name: FUNCTION verify_ledger(); Type: ACL; Schema: api; Owner: pms_owner
--

REVOKE ALL ON FUNCTION api.verify_ledger() FROM PUBLIC;
GRANT ALL ON FUNCTION api.verify_ledger() TO pms_operator;

--
-- Name: FUNCTION account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.account_limits(totals pms.portfolio_total[], account text, at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION account_scope(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.account_scope() FROM PUBLIC;

--
-- Name: FUNCTION add_exposures(changes pms.exposure_change[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.add_exposures(changes pms.exposure_change[]) FROM PUBLIC;

--
-- Name: FUNCTION add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.add_validation_counts(validation bigint, positions bigint, reconciled pms.reconciled_position[]) FROM PUBLIC;

--
-- Name: FUNCTION adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.adjustment_entries(findings pms.finding[], recorded_at timestamp with time zone, source text, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION adopt_unexplained_positions(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.adopt_unexplained_positions() FROM PUBLIC;
GRANT ALL ON FUNCTION pms.adopt_unexplained_positions() TO pms_worker;

--
-- Name: FUNCTION apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.apply_amendments(incoming pms.entries[], identities text[], recorded_at timestamp with time zone, source text, OUT corrections pms.entries[], OUT voids pms.entry_void[]) FROM PUBLIC;

--
-- Name: FUNCTION apply_order_events(messages jsonb[], update_source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.apply_order_events(messages jsonb[], update_source text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.apply_order_events(messages jsonb[], update_source text) TO pms_worker;

--
-- Name: FUNCTION apply_prices(messages jsonb[], source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.apply_prices(messages jsonb[], source text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.apply_prices(messages jsonb[], source text) TO pms_worker;

--
-- Name: FUNCTION apply_venue_positions(messages jsonb[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.apply_venue_positions(messages jsonb[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.apply_venue_positions(messages jsonb[]) TO pms_worker;

--
-- Name: FUNCTION argument_range(kind text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.argument_range(kind text) FROM PUBLIC;

--
-- Name: FUNCTION as_of_json(as_of timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.as_of_json(as_of timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION audit_command(command text, arguments jsonb, account text, asset text, outcome text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.audit_command(command text, arguments jsonb, account text, asset text, outcome text) FROM PUBLIC;

--
-- Name: FUNCTION backlog(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.backlog() FROM PUBLIC;

--
-- Name: FUNCTION batch_error(name text, list jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.batch_error(name text, list jsonb) FROM PUBLIC;

--
-- Name: FUNCTION begin_command(name text, arguments jsonb, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.begin_command(name text, arguments jsonb, account text) FROM PUBLIC;

--
-- Name: FUNCTION begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.begin_job(job text, only_when_due boolean, OUT run bigint, OUT said text) FROM PUBLIC;

--
-- Name: FUNCTION begin_run(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.begin_run() FROM PUBLIC;

--
-- Name: FUNCTION begin_verification(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.begin_verification() FROM PUBLIC;

--
-- Name: FUNCTION decimal_json(amount numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.decimal_json(amount numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.decimal_json(amount numeric) TO pms_reader;
GRANT ALL ON FUNCTION pms.decimal_json(amount numeric) TO pms_trader;
GRANT ALL ON FUNCTION pms.decimal_json(amount numeric) TO pms_operator;
GRANT ALL ON FUNCTION pms.decimal_json(amount numeric) TO pms_analyst;

--
-- Name: FUNCTION by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.by_asset_member(asset text, exposure_usdt numeric, unrealized_pnl_usdt numeric, realized_pnl_usdt numeric, size numeric) FROM PUBLIC;

--
-- Name: FUNCTION cache_hit_rate(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.cache_hit_rate() FROM PUBLIC;

--
-- Name: FUNCTION capture_portfolio(at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.capture_portfolio(at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION carry_portfolio_history(until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.carry_portfolio_history(until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION check_account(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_account(account text) FROM PUBLIC;

--
-- Name: FUNCTION check_asset(asset text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_asset(asset text) FROM PUBLIC;

--
-- Name: FUNCTION check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_correction_message(message pms.amendment_message, allows_nonpositive_price boolean) FROM PUBLIC;

--
-- Name: FUNCTION check_currency(currency text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_currency(currency text) FROM PUBLIC;

--
-- Name: FUNCTION check_decimal(amount numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_decimal(amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION check_id(id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_id(id text) FROM PUBLIC;

--
-- Name: FUNCTION check_limits(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_limits(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION check_mode(mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_mode(mode text) FROM PUBLIC;

--
-- Name: FUNCTION check_nonnegative(amount numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_nonnegative(amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION check_not_future(moment timestamp with time zone, latest timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_not_future(moment timestamp with time zone, latest timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_order_message(message pms.order_message, allows_nonpositive_price boolean, latest timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION check_price(price numeric, allows_nonpositive boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_price(price numeric, allows_nonpositive boolean) FROM PUBLIC;

--
-- Name: FUNCTION check_positive(amount numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_positive(amount numeric) FROM PUBLIC;

--
-- Name: FUNCTION check_request(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_request() FROM PUBLIC;
GRANT ALL ON FUNCTION pms.check_request() TO pms_anon;

--
-- Name: FUNCTION check_side(side text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_side(side text) FROM PUBLIC;

--
-- Name: FUNCTION check_time(literal text, moment timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.check_time(literal text, moment timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.checkpoint_before(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.checkpoint_findings(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION checkpoint_spacing(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.checkpoint_spacing() FROM PUBLIC;

--
-- Name: FUNCTION classify_order_events(events pms.order_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.classify_order_events(events pms.order_event[]) FROM PUBLIC;

--
-- Name: FUNCTION classify_transfer(asked pms.transfer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.classify_transfer(asked pms.transfer) FROM PUBLIC;

--
-- Name: FUNCTION classify_twins(events pms.order_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.classify_twins(events pms.order_event[]) FROM PUBLIC;

--
-- Name: FUNCTION compact_outbox(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.compact_outbox(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION compare_venue_reports(keys pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.compare_venue_reports(keys pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION conflict_detail(identity text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.conflict_detail(identity text) FROM PUBLIC;

--
-- Name: FUNCTION content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.content_of_entry(asset text, leg text, quantity numeric, price numeric, fee numeric, fee_currency text) FROM PUBLIC;

--
-- Name: FUNCTION continue_job(run bigint); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.continue_job(run bigint) FROM PUBLIC;

--
-- Name: FUNCTION continue_pass(target numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.continue_pass(target numeric) FROM PUBLIC;

--
-- Name: FUNCTION continue_verification(verification bigint, after pms.position_key, size integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.continue_verification(verification bigint, after pms.position_key, size integer) FROM PUBLIC;

--
-- Name: FUNCTION convert_fees(entries pms.entries[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.convert_fees(entries pms.entries[]) FROM PUBLIC;

--
-- Name: FUNCTION count_unconverted_fees(entries pms.entries[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.count_unconverted_fees(entries pms.entries[]) FROM PUBLIC;

--
-- Name: FUNCTION create_partitions(parent regclass, ahead integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.create_partitions(parent regclass, ahead integer) FROM PUBLIC;

--
-- Name: FUNCTION created_response(body jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.created_response(body jsonb) FROM PUBLIC;

--
-- Name: FUNCTION current_legs(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.current_legs(account text) FROM PUBLIC;

--
-- Name: FUNCTION current_positions_of(keys pms.position_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.current_positions_of(keys pms.position_key[]) FROM PUBLIC;

--
-- Name: FUNCTION current_summary(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.current_summary(account text) FROM PUBLIC;

--
-- Name: FUNCTION error_response(status integer, error_code text, message text, details jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.error_response(status integer, error_code text, message text, details jsonb) FROM PUBLIC;

--
-- Name: FUNCTION dead_letter_not_found(id bigint); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.dead_letter_not_found(id bigint) FROM PUBLIC;

--
-- Name: FUNCTION decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.decide_discrepancy(id uuid, verdict text, note text, decided_by text, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION decimal_text(amount numeric); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.decimal_text(amount numeric) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.decimal_text(amount numeric) TO pms_reader;
GRANT ALL ON FUNCTION pms.decimal_text(amount numeric) TO pms_trader;
GRANT ALL ON FUNCTION pms.decimal_text(amount numeric) TO pms_operator;
GRANT ALL ON FUNCTION pms.decimal_text(amount numeric) TO pms_analyst;

--
-- Name: FUNCTION decision_response(id uuid, decided pms.discrepancy_decision); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.decision_response(id uuid, decided pms.discrepancy_decision) FROM PUBLIC;

--
-- Name: FUNCTION discrepancies_text(seen pms.discrepancies[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.discrepancies_text(seen pms.discrepancies[]) FROM PUBLIC;

--
-- Name: FUNCTION position_id(account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_id(account text, asset text, mode text) FROM PUBLIC;

--
-- Name: FUNCTION discrepancy_id(account text, asset text, mode text, leg text, kind text, field text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.discrepancy_id(account text, asset text, mode text, leg text, kind text, field text) FROM PUBLIC;

--
-- Name: FUNCTION time_text(moment timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.time_text(moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.time_text(moment timestamp with time zone) TO pms_reader;
GRANT ALL ON FUNCTION pms.time_text(moment timestamp with time zone) TO pms_trader;
GRANT ALL ON FUNCTION pms.time_text(moment timestamp with time zone) TO pms_operator;
GRANT ALL ON FUNCTION pms.time_text(moment timestamp with time zone) TO pms_analyst;

--
-- Name: FUNCTION discrepancy_json(d pms.discrepancies); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.discrepancy_json(d pms.discrepancies) FROM PUBLIC;

--
-- Name: FUNCTION drop_partitions(parent regclass, since timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.drop_partitions(parent regclass, since timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION empty_leg(multiplier numeric, kind text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.empty_leg(multiplier numeric, kind text) FROM PUBLIC;

--
-- Name: FUNCTION end_command(command pms.command, answer jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.end_command(command pms.command, answer jsonb) FROM PUBLIC;

--
-- Name: FUNCTION entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.entries_after(account text, asset text, mode text, leg text, held pms.checkpoints, until timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION entries_before(account text, asset text, mode text, page_limit integer, before pms.entries); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.entries_before(account text, asset text, mode text, page_limit integer, before pms.entries) FROM PUBLIC;

--
-- Name: FUNCTION equity_marks_at(account text, at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.equity_marks_at(account text, at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.examine_positions(keys pms.position_key[], sources text[], honor_adoption_delay boolean) FROM PUBLIC;

--
-- Name: FUNCTION explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.explain_entries(account text, asset text, mode text, page_limit integer, before pms.entries) FROM PUBLIC;

--
-- Name: FUNCTION explained_entry_json(e pms.explained_entry); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.explained_entry_json(e pms.explained_entry) FROM PUBLIC;

--
-- Name: FUNCTION find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.find_key(key_digest bytea, OUT id text, OUT role_name text, OUT account_scope text[]) TO pms_anon;

--
-- Name: FUNCTION finish_entries(changed pms.changed_leg[], update_source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.finish_entries(changed pms.changed_leg[], update_source text) FROM PUBLIC;

--
-- Name: FUNCTION first_unverified_checkpoint(verified pms.verified_legs); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.first_unverified_checkpoint(verified pms.verified_legs) FROM PUBLIC;

--
-- Name: FUNCTION fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.fixable_findings(findings pms.finding[], apply_fixes boolean, accepted uuid) FROM PUBLIC;

--
-- Name: FUNCTION gateway_limits_document(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.gateway_limits_document() FROM PUBLIC;
GRANT ALL ON FUNCTION pms.gateway_limits_document() TO pms_worker;

--
-- Name: FUNCTION gateway_samples(http jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.gateway_samples(http jsonb) FROM PUBLIC;

--
-- Name: FUNCTION histogram_samples(name text, help text, label text, histograms jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.histogram_samples(name text, help text, label text, histograms jsonb) FROM PUBLIC;

--
-- Name: FUNCTION implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.implied_cost(size numeric, mark_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) FROM PUBLIC;

--
-- Name: FUNCTION implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.implied_mark(size numeric, average_price numeric, unrealized_pnl numeric, multiplier numeric, is_inverse boolean) FROM PUBLIC;

--
-- Name: FUNCTION import_identity(leg pms.imported_leg); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.import_identity(leg pms.imported_leg) FROM PUBLIC;

--
-- Name: FUNCTION import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.import_positions(positions jsonb, account text, trace_id text, OUT legs pms.imported_leg[], OUT changed pms.changed_leg[]) FROM PUBLIC;

--
-- Name: FUNCTION is_dismissed(f pms.finding); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.is_dismissed(f pms.finding) FROM PUBLIC;

--
-- Name: FUNCTION is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.is_leg_sound(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION job_ages(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.job_ages() FROM PUBLIC;

--
-- Name: FUNCTION job_lock(job text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.job_lock(job text) FROM PUBLIC;

--
-- Name: FUNCTION last_verification(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.last_verification() FROM PUBLIC;

--
-- Name: FUNCTION ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.ledger_finding(account text, asset text, mode text, leg text, kind text, field text, stored text, expected text, proposal text) FROM PUBLIC;

--
-- Name: FUNCTION leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.leg_exposure(size numeric, mark_price numeric, multiplier numeric, is_inverse boolean) FROM PUBLIC;

--
-- Name: FUNCTION leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.leg_history(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.leg_state_at(account text, asset text, mode text, leg text, at timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION legs_after_fill(legs pms.priced_leg[], fill pms.order_event); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.legs_after_fill(legs pms.priced_leg[], fill pms.order_event) FROM PUBLIC;

--
-- Name: FUNCTION legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.legs_as_of(at timestamp with time zone, known_at timestamp with time zone, account text) FROM PUBLIC;

--
-- Name: FUNCTION legs_from_ledger(account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.legs_from_ledger(account text, asset text, mode text) FROM PUBLIC;

--
-- Name: FUNCTION legs_to_mark(prices pms.price_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.legs_to_mark(prices pms.price_event[]) FROM PUBLIC;

--
-- Name: FUNCTION limit_json(u pms.limit_state); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.limit_json(u pms.limit_state) FROM PUBLIC;

--
-- Name: FUNCTION limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) TO pms_reader;
GRANT ALL ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) TO pms_trader;
GRANT ALL ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) TO pms_operator;
GRANT ALL ON FUNCTION pms.limit_usage(limits pms.limits[], held pms.limit_basis[], marks pms.equity_marks[], at timestamp with time zone) TO pms_analyst;

--
-- Name: FUNCTION limit_usage_json(u pms.limit_state); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.limit_usage_json(u pms.limit_state) FROM PUBLIC;

--
-- Name: FUNCTION load_settings(wanted jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.load_settings(wanted jsonb) FROM PUBLIC;

--
-- Name: FUNCTION lock_legs(keys pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.lock_legs(keys pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION lock_position(account text, asset text, mode text, legs text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.lock_position(account text, asset text, mode text, legs text[]) FROM PUBLIC;

--
-- Name: FUNCTION lock_stored_legs(keys pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.lock_stored_legs(keys pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION maintain_partitions(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.maintain_partitions(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION maintain_table(parent regclass, retention interval, ahead integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.maintain_table(parent regclass, retention interval, ahead integer) FROM PUBLIC;

--
-- Name: FUNCTION mark_legs(keys pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.mark_legs(keys pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION mark_positions(at_most integer, until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.mark_positions(at_most integer, until timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.mark_positions(at_most integer, until timestamp with time zone) TO pms_worker;

--
-- Name: FUNCTION merge_account_totals(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.merge_account_totals(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.merge_price_bars(prices pms.price_event[], recorded_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION needs_reconciliation(examined pms.examination); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.needs_reconciliation(examined pms.examination) FROM PUBLIC;

--
-- Name: FUNCTION new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text, price numeric, fee numeric, fee_currency text, fee_native numeric, fee_rate numeric, amount numeric, realized numeric, amends text, cause text, counter_account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.new_entry(account text, asset text, mode text, leg text, kind text, identity text, quantity numeric, executed_at timestamp with time zone, recorded_at timestamp with time zone, source text, trace_id text, order_id text, price numeric, fee numeric, fee_currency text, fee_native numeric, fee_rate numeric, amount numeric, realized numeric, amends text, cause text, counter_account text) FROM PUBLIC;

--
-- Name: FUNCTION next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.next_leg(held pms.leg_state, initial pms.leg_state, kind text, quantity numeric, price numeric, fee numeric, amount numeric, realized numeric, executed_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.next_order_progress(applied pms.order_progress, initial pms.order_progress, is_cumulative boolean, party text, quantity numeric, price numeric, fee numeric, allows_negative_price boolean) FROM PUBLIC;

--
-- Name: FUNCTION next_positions(after pms.position_key, size integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.next_positions(after pms.position_key, size integer) FROM PUBLIC;

--
-- Name: FUNCTION next_span_end(key pms.position_key, since timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.next_span_end(key pms.position_key, since timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.next_trade_at(account text, asset text, mode text, leg text, after timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION normalize_order_events(messages jsonb[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.normalize_order_events(messages jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION normalize_venue_positions(messages jsonb[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.normalize_venue_positions(messages jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION objection(reason text, field text, message text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.objection(reason text, field text, message text) FROM PUBLIC;

--
-- Name: FUNCTION objection_detail(objection text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.objection_detail(objection text) FROM PUBLIC;

--
-- Name: FUNCTION objection_reason(objection text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.objection_reason(objection text) FROM PUBLIC;

--
-- Name: FUNCTION open_lots(account text, asset text, mode text, leg text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) TO pms_reader;
GRANT ALL ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) TO pms_trader;
GRANT ALL ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) TO pms_operator;
GRANT ALL ON FUNCTION pms.open_lots(account text, asset text, mode text, leg text) TO pms_analyst;

--
-- Name: FUNCTION order_message_identity(message pms.order_message, leg text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.order_message_identity(message pms.order_message, leg text) FROM PUBLIC;

--
-- Name: FUNCTION outbox_depth(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.outbox_depth() FROM PUBLIC;

--
-- Name: FUNCTION outcome_json(o pms.outcome); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.outcome_json(o pms.outcome) FROM PUBLIC;

--
-- Name: FUNCTION outcome_response(outcome jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.outcome_response(outcome jsonb) FROM PUBLIC;

--
-- Name: FUNCTION parse_amendments(messages jsonb[], ordinals integer[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_amendments(messages jsonb[], ordinals integer[]) FROM PUBLIC;

--
-- Name: FUNCTION parse_argument(kind text, literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_argument(kind text, literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_arguments(arguments pms.argument[], required text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_arguments(arguments pms.argument[], required text[]) FROM PUBLIC;

--
-- Name: FUNCTION parse_decimal(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_decimal(literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_decision(id text, note text, encoded_note text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_decision(id text, note text, encoded_note text) FROM PUBLIC;

--
-- Name: FUNCTION parse_import_rows(positions jsonb, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_import_rows(positions jsonb, account text) FROM PUBLIC;

--
-- Name: FUNCTION parse_json(body bytea); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_json(body bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.parse_json(body bytea) TO pms_operator;
GRANT ALL ON FUNCTION pms.parse_json(body bytea) TO pms_http_operator;

--
-- Name: FUNCTION parse_moment(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_moment(literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_order_events(messages jsonb[], has_bad_times boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_order_events(messages jsonb[], has_bad_times boolean) FROM PUBLIC;

--
-- Name: FUNCTION parse_positive(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_positive(literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_prices(messages jsonb[], source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_prices(messages jsonb[], source text) FROM PUBLIC;

--
-- Name: FUNCTION parse_simulated_fill(given jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_simulated_fill(given jsonb) FROM PUBLIC;

--
-- Name: FUNCTION parse_time(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_time(literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_time_strict(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_time_strict(literal text) FROM PUBLIC;

--
-- Name: FUNCTION parse_transfer(given jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_transfer(given jsonb) FROM PUBLIC;

--
-- Name: FUNCTION parse_venue_positions(messages jsonb[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.parse_venue_positions(messages jsonb[]) FROM PUBLIC;

--
-- Name: FUNCTION partitioned_tables(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.partitioned_tables() FROM PUBLIC;

--
-- Name: FUNCTION partitions_of(parent regclass); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.partitions_of(parent regclass) FROM PUBLIC;

--
-- Name: FUNCTION plan_import(positions jsonb, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.plan_import(positions jsonb, account text) FROM PUBLIC;

--
-- Name: FUNCTION portfolio_json(t pms.portfolio_total); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.portfolio_json(t pms.portfolio_total) FROM PUBLIC;

--
-- Name: FUNCTION position_is_known(account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_is_known(account text, asset text, mode text) FROM PUBLIC;

--
-- Name: FUNCTION time_json(moment timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.time_json(moment timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.time_json(moment timestamp with time zone) TO pms_reader;
GRANT ALL ON FUNCTION pms.time_json(moment timestamp with time zone) TO pms_trader;
GRANT ALL ON FUNCTION pms.time_json(moment timestamp with time zone) TO pms_operator;
GRANT ALL ON FUNCTION pms.time_json(moment timestamp with time zone) TO pms_analyst;

--
-- Name: FUNCTION position_text(p pms.current_positions); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_text(p pms.current_positions) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.position_text(p pms.current_positions) TO pms_reader;
GRANT ALL ON FUNCTION pms.position_text(p pms.current_positions) TO pms_trader;
GRANT ALL ON FUNCTION pms.position_text(p pms.current_positions) TO pms_operator;
GRANT ALL ON FUNCTION pms.position_text(p pms.current_positions) TO pms_analyst;

--
-- Name: FUNCTION position_json(p pms.current_positions); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_json(p pms.current_positions) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.position_json(p pms.current_positions) TO pms_reader;
GRANT ALL ON FUNCTION pms.position_json(p pms.current_positions) TO pms_trader;
GRANT ALL ON FUNCTION pms.position_json(p pms.current_positions) TO pms_operator;
GRANT ALL ON FUNCTION pms.position_json(p pms.current_positions) TO pms_analyst;

--
-- Name: FUNCTION position_legs(mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_legs(mode text) FROM PUBLIC;

--
-- Name: FUNCTION position_not_found(account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.position_not_found(account text, asset text, mode text) FROM PUBLIC;

--
-- Name: FUNCTION positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text, size integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.positions_due_snapshot(taken_at timestamp with time zone, after pms.position_key, account text, size integer) FROM PUBLIC;

--
-- Name: FUNCTION positions_from_legs(legs pms.priced_leg[], at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.positions_from_legs(legs pms.priced_leg[], at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION post_entries(entries pms.entries[], voids pms.entry_void[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.post_entries(entries pms.entries[], voids pms.entry_void[]) FROM PUBLIC;

--
-- Name: FUNCTION post_voids(voids pms.entry_void[], changes pms.leg_change[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.post_voids(voids pms.entry_void[], changes pms.leg_change[]) FROM PUBLIC;

--
-- Name: FUNCTION pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.pre_trade_limits(before pms.pre_trade_side, after pms.pre_trade_side, account text) FROM PUBLIC;

--
-- Name: FUNCTION pre_trade_totals(legs pms.priced_leg[], fill pms.order_event); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.pre_trade_totals(legs pms.priced_leg[], fill pms.order_event) FROM PUBLIC;

--
-- Name: FUNCTION price_ages(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.price_ages() FROM PUBLIC;

--
-- Name: FUNCTION price_at(asset text, at timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.price_at(asset text, at timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION price_range(asset text, since timestamp with time zone, until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.price_range(asset text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION publish_discrepancy_events(seen pms.discrepancies[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.publish_discrepancy_events(seen pms.discrepancies[]) FROM PUBLIC;

--
-- Name: FUNCTION publish_events(events pms.outbox_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.publish_events(events pms.outbox_event[]) FROM PUBLIC;

--
-- Name: FUNCTION publish_portfolio(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.publish_portfolio() FROM PUBLIC;
GRANT ALL ON FUNCTION pms.publish_portfolio() TO pms_worker;

--
-- Name: FUNCTION publish_position_events(changed pms.changed_leg[], update_source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.publish_position_events(changed pms.changed_leg[], update_source text) FROM PUBLIC;

--
-- Name: FUNCTION purge_idempotency_keys(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.purge_idempotency_keys(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION purge_job_runs(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.purge_job_runs(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION purge_price_bars(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.purge_price_bars(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.quarantine_conflicts(messages jsonb[], events pms.order_event[], amendments pms.amendment_event[], recorded_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION queue_connected(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.queue_connected() FROM PUBLIC;

--
-- Name: FUNCTION raise_denied(status integer, error_code text, message text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.raise_denied(status integer, error_code text, message text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.raise_denied(status integer, error_code text, message text) TO pms_anon;

--
-- Name: FUNCTION rate_at(currency text, at timestamp with time zone, known_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.rate_at(currency text, at timestamp with time zone, known_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION read_amendment_messages(messages jsonb[], ordinals integer[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.read_amendment_messages(messages jsonb[], ordinals integer[]) FROM PUBLIC;

--
-- Name: FUNCTION read_order_messages(messages jsonb[], has_bad_times boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.read_order_messages(messages jsonb[], has_bad_times boolean) FROM PUBLIC;

--
-- Name: FUNCTION read_portfolio(reader text, at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.read_portfolio(reader text, at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.rebuild_legs(account text, asset text, mode text, legs text[], recorded_at timestamp with time zone, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.reconcile_position(account text, asset text, mode text, apply_fixes boolean, honor_adoption_delay boolean, accepted uuid, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.reconcile_venue_reports(keys pms.leg_key[], recorded_at timestamp with time zone, locked pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_amendments(events pms.amendment_event[], incoming pms.entries[], recorded_at timestamp with time zone, source text) FROM PUBLIC;

--
-- Name: FUNCTION record_breaches(limits pms.limit_state[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_breaches(limits pms.limit_state[]) FROM PUBLIC;

--
-- Name: FUNCTION record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_discrepancies(findings pms.finding[], settled pms.finding[], settled_status text, keys pms.leg_key[], kinds text[], trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION record_gateway_limits(applied jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_gateway_limits(applied jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.record_gateway_limits(applied jsonb) TO pms_worker;

--
-- Name: FUNCTION record_key_uses(uses jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_key_uses(uses jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.record_key_uses(uses jsonb) TO pms_worker;

--
-- Name: FUNCTION record_ledger_findings(keys pms.position_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_ledger_findings(keys pms.position_key[]) FROM PUBLIC;

--
-- Name: FUNCTION record_portfolio_history(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_portfolio_history(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.record_rejected_messages(feed text, bodies bytea[], reasons text[], details text[], trace_ids text[]) TO pms_worker;

--
-- Name: FUNCTION record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_subsumed_executions(events pms.order_event[], recorded_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION record_total_findings(accounts text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_total_findings(accounts text[]) FROM PUBLIC;

--
-- Name: FUNCTION record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.record_transfer(asked pms.transfer, trace_id text, OUT outcome text, OUT changed pms.changed_leg[]) FROM PUBLIC;

--
-- Name: FUNCTION recorded_order_progress(account text, order_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.recorded_order_progress(account text, order_id text) FROM PUBLIC;

--
-- Name: FUNCTION refresh_needs_review(keys pms.leg_key[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.refresh_needs_review(keys pms.leg_key[]) FROM PUBLIC;

--
-- Name: FUNCTION register_first_key(key_digest bytea, handle text, fingerprint bytea); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.register_first_key(key_digest bytea, handle text, fingerprint bytea) FROM PUBLIC;

--
-- Name: FUNCTION replay_legs(changes pms.leg_change[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.replay_legs(changes pms.leg_change[]) FROM PUBLIC;

--
-- Name: FUNCTION report_worker(part text, status jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.report_worker(part text, status jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.report_worker(part text, status jsonb) TO pms_worker;

--
-- Name: FUNCTION require_account(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.require_account(account text) FROM PUBLIC;

--
-- Name: FUNCTION require_unscoped_key(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.require_unscoped_key() FROM PUBLIC;

--
-- Name: FUNCTION resolve_account(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.resolve_account(account text) FROM PUBLIC;

--
-- Name: FUNCTION restatement_event(stated pms.restatements); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.restatement_event(stated pms.restatements) FROM PUBLIC;

--
-- Name: FUNCTION restore_account_totals(accounts text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.restore_account_totals(accounts text[]) FROM PUBLIC;

--
-- Name: FUNCTION role_may_request(role_name text, method text, path text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.role_may_request(role_name text, method text, path text) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.role_may_request(role_name text, method text, path text) TO pms_anon;

--
-- Name: FUNCTION round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.round_trip_flows(account text, asset text, mode text, leg text, since timestamp with time zone, until timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION round_trip_json(c pms.round_trip); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.round_trip_json(c pms.round_trip) FROM PUBLIC;

--
-- Name: FUNCTION round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.round_trips(account text, asset text, mode text, leg text, from_time timestamp with time zone, to_time timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.row_versions(seen_before xid8, reads_marks boolean, OUT row_count bigint, OUT has_changes boolean) FROM PUBLIC;

--
-- Name: FUNCTION rule_findings(account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.rule_findings(account text, asset text, mode text) FROM PUBLIC;

--
-- Name: PROCEDURE run_job(IN job text, IN only_when_due boolean, INOUT done text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON PROCEDURE pms.run_job(IN job text, IN only_when_due boolean, INOUT done text) FROM PUBLIC;

--
-- Name: FUNCTION save_checkpoints(legs pms.leg_key[], spacing integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.save_checkpoints(legs pms.leg_key[], spacing integer) FROM PUBLIC;

--
-- Name: FUNCTION schedule_jobs(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.schedule_jobs() FROM PUBLIC;

--
-- Name: FUNCTION select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.select_legs(as_of timestamp with time zone, known_at timestamp with time zone, account text) FROM PUBLIC;

--
-- Name: FUNCTION select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.select_positions(as_of timestamp with time zone, known_at timestamp with time zone, account text, asset text, mode text) FROM PUBLIC;

--
-- Name: FUNCTION set_outbox_reader(is_waiting boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.set_outbox_reader(is_waiting boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION pms.set_outbox_reader(is_waiting boolean) TO pms_worker;

--
-- Name: FUNCTION simulated_fill_json(fill pms.order_event); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.simulated_fill_json(fill pms.order_event) FROM PUBLIC;

--
-- Name: FUNCTION simulated_position_json(legs pms.priced_leg[], fill pms.order_event); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.simulated_position_json(legs pms.priced_leg[], fill pms.order_event) FROM PUBLIC;

--
-- Name: FUNCTION snapshot_position(s pms.snapshots); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.snapshot_position(s pms.snapshots) FROM PUBLIC;

--
-- Name: FUNCTION snapshot_json(s pms.snapshots); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.snapshot_json(s pms.snapshots) FROM PUBLIC;

--
-- Name: FUNCTION snapshot_moment(account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.snapshot_moment(account text) FROM PUBLIC;

--
-- Name: FUNCTION snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.snapshot_positions(keys pms.position_key[], taken_at timestamp with time zone, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION stale_price_assets(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.stale_price_assets() FROM PUBLIC;
GRANT ALL ON FUNCTION pms.stale_price_assets() TO pms_worker;

--
-- Name: FUNCTION standing_ledger_findings(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.standing_ledger_findings() FROM PUBLIC;

--
-- Name: FUNCTION store_prices(prices pms.price_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.store_prices(prices pms.price_event[]) FROM PUBLIC;

--
-- Name: FUNCTION store_reading(readers text[], reading pms.portfolio_reading); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.store_reading(readers text[], reading pms.portfolio_reading) FROM PUBLIC;

--
-- Name: FUNCTION store_venue_reports(reports pms.venue_report[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.store_venue_reports(reports pms.venue_report[]) FROM PUBLIC;

--
-- Name: FUNCTION stored_row_findings(account text, asset text, mode text, from_checkpoints boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.stored_row_findings(account text, asset text, mode text, from_checkpoints boolean) FROM PUBLIC;

--
-- Name: FUNCTION submit(event_type text, list jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.submit(event_type text, list jsonb) FROM PUBLIC;

--
-- Name: FUNCTION summarize_legs(legs pms.priced_leg[], account text, asset text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.summarize_legs(legs pms.priced_leg[], account text, asset text) FROM PUBLIC;

--
-- Name: FUNCTION summarize_portfolio(subject text, account text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.summarize_portfolio(subject text, account text) FROM PUBLIC;

--
-- Name: FUNCTION take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.take_account_snapshots(account text, trace_id text, OUT snapshots bigint, OUT taken_at timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION take_snapshot(account text, asset text, mode text, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.take_snapshot(account text, asset text, mode text, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION take_snapshots(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.take_snapshots(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION thin_portfolio_history(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.thin_portfolio_history(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION total_of(totals pms.portfolio_total[], account text, asset text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.total_of(totals pms.portfolio_total[], account text, asset text) FROM PUBLIC;

--
-- Name: FUNCTION trace_id(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.trace_id() FROM PUBLIC;

--
-- Name: FUNCTION transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.transfer_entries(origin pms.leg_key, to_account text, quantity numeric, price numeric, identity text, recorded_at timestamp with time zone, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION unapplied_order_message(message pms.order_message); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.unapplied_order_message(message pms.order_message) FROM PUBLIC;

--
-- Name: FUNCTION url_decode(literal text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.url_decode(literal text) FROM PUBLIC;

--
-- Name: FUNCTION validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.validate_position(account text, asset text, mode text, fix_discrepancies boolean, trace_id text) FROM PUBLIC;

--
-- Name: FUNCTION validate_positions(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.validate_positions(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION validation_error(objections jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.validation_error(objections jsonb) FROM PUBLIC;

--
-- Name: FUNCTION venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.venue_findings(comparisons pms.venue_comparison[], honor_adoption_delay boolean) FROM PUBLIC;

--
-- Name: FUNCTION verify_changed_legs(after pms.leg_key, size integer); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.verify_changed_legs(after pms.leg_key, size integer) FROM PUBLIC;

--
-- Name: FUNCTION verify_ledger(progress jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.verify_ledger(progress jsonb) FROM PUBLIC;

--
-- Name: FUNCTION verify_next_span(); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.verify_next_span() FROM PUBLIC;

--
-- Name: FUNCTION walk_order_totals(events pms.order_event[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.walk_order_totals(events pms.order_event[]) FROM PUBLIC;

--
-- Name: FUNCTION with_members(body jsonb, members text); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.with_members(body jsonb, members text) FROM PUBLIC;

--
-- Name: FUNCTION worker_samples(worker jsonb); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.worker_samples(worker jsonb) FROM PUBLIC;

--
-- Name: FUNCTION wrong_account_totals(accounts text[]); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.wrong_account_totals(accounts text[]) FROM PUBLIC;

--
-- Name: FUNCTION fold(pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamp with time zone); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.fold(pms.leg_state, text, numeric, numeric, numeric, numeric, numeric, timestamp with time zone) FROM PUBLIC;

--
-- Name: FUNCTION fold_order(pms.order_progress, boolean, text, numeric, numeric, numeric, boolean); Type: ACL; Schema: pms; Owner: pms_owner
--

REVOKE ALL ON FUNCTION pms.fold_order(pms.order_progress, boolean, text, numeric, numeric, numeric, boolean) FROM PUBLIC;

--
-- Name: TABLE audit; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.audit TO pms_operator;
GRANT SELECT ON TABLE api.audit TO pms_http_operator;

--
-- Name: TABLE conflicts; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.conflicts TO pms_reader;
GRANT SELECT ON TABLE api.conflicts TO pms_trader;
GRANT SELECT ON TABLE api.conflicts TO pms_operator;
GRANT SELECT ON TABLE api.conflicts TO pms_analyst;

--
-- Name: TABLE dead_letters; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.dead_letters TO pms_operator;
GRANT SELECT ON TABLE api.dead_letters TO pms_http_operator;

--
-- Name: TABLE discrepancies; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.discrepancies TO pms_reader;
GRANT SELECT ON TABLE api.discrepancies TO pms_trader;
GRANT SELECT ON TABLE api.discrepancies TO pms_operator;
GRANT SELECT ON TABLE api.discrepancies TO pms_analyst;

--
-- Name: TABLE drawdown; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.drawdown TO pms_reader;
GRANT SELECT ON TABLE api.drawdown TO pms_trader;
GRANT SELECT ON TABLE api.drawdown TO pms_operator;
GRANT SELECT ON TABLE api.drawdown TO pms_analyst;

--
-- Name: TABLE exposure_by_asset; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.exposure_by_asset TO pms_reader;
GRANT SELECT ON TABLE api.exposure_by_asset TO pms_trader;
GRANT SELECT ON TABLE api.exposure_by_asset TO pms_operator;
GRANT SELECT ON TABLE api.exposure_by_asset TO pms_analyst;

--
-- Name: TABLE fifo_lots; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.fifo_lots TO pms_reader;
GRANT SELECT ON TABLE api.fifo_lots TO pms_trader;
GRANT SELECT ON TABLE api.fifo_lots TO pms_operator;
GRANT SELECT ON TABLE api.fifo_lots TO pms_analyst;

--
-- Name: TABLE fifo_positions; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.fifo_positions TO pms_reader;
GRANT SELECT ON TABLE api.fifo_positions TO pms_trader;
GRANT SELECT ON TABLE api.fifo_positions TO pms_operator;
GRANT SELECT ON TABLE api.fifo_positions TO pms_analyst;

--
-- Name: TABLE fills; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.fills TO pms_reader;
GRANT SELECT ON TABLE api.fills TO pms_trader;
GRANT SELECT ON TABLE api.fills TO pms_operator;
GRANT SELECT ON TABLE api.fills TO pms_analyst;

--
-- Name: TABLE instruments; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.instruments TO pms_reader;
GRANT SELECT ON TABLE api.instruments TO pms_trader;
GRANT SELECT ON TABLE api.instruments TO pms_operator;
GRANT SELECT ON TABLE api.instruments TO pms_analyst;

--
-- Name: TABLE jobs; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.jobs TO pms_reader;
GRANT SELECT ON TABLE api.jobs TO pms_trader;
GRANT SELECT ON TABLE api.jobs TO pms_operator;
GRANT SELECT ON TABLE api.jobs TO pms_analyst;

--
-- Name: TABLE limit_breaches; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.limit_breaches TO pms_reader;
GRANT SELECT ON TABLE api.limit_breaches TO pms_trader;
GRANT SELECT ON TABLE api.limit_breaches TO pms_operator;
GRANT SELECT ON TABLE api.limit_breaches TO pms_analyst;

--
-- Name: TABLE limits; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.limits TO pms_reader;
GRANT SELECT ON TABLE api.limits TO pms_trader;
GRANT SELECT ON TABLE api.limits TO pms_operator;
GRANT SELECT ON TABLE api.limits TO pms_analyst;

--
-- Name: TABLE pnl_by_asset; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.pnl_by_asset TO pms_reader;
GRANT SELECT ON TABLE api.pnl_by_asset TO pms_trader;
GRANT SELECT ON TABLE api.pnl_by_asset TO pms_operator;
GRANT SELECT ON TABLE api.pnl_by_asset TO pms_analyst;

--
-- Name: TABLE pnl_by_day; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.pnl_by_day TO pms_reader;
GRANT SELECT ON TABLE api.pnl_by_day TO pms_trader;
GRANT SELECT ON TABLE api.pnl_by_day TO pms_operator;
GRANT SELECT ON TABLE api.pnl_by_day TO pms_analyst;

--
-- Name: TABLE pnl_by_month; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.pnl_by_month TO pms_reader;
GRANT SELECT ON TABLE api.pnl_by_month TO pms_trader;
GRANT SELECT ON TABLE api.pnl_by_month TO pms_operator;
GRANT SELECT ON TABLE api.pnl_by_month TO pms_analyst;

--
-- Name: TABLE pnl_by_week; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.pnl_by_week TO pms_reader;
GRANT SELECT ON TABLE api.pnl_by_week TO pms_trader;
GRANT SELECT ON TABLE api.pnl_by_week TO pms_operator;
GRANT SELECT ON TABLE api.pnl_by_week TO pms_analyst;

--
-- Name: TABLE portfolio_history; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.portfolio_history TO pms_reader;
GRANT SELECT ON TABLE api.portfolio_history TO pms_trader;
GRANT SELECT ON TABLE api.portfolio_history TO pms_operator;
GRANT SELECT ON TABLE api.portfolio_history TO pms_analyst;

--
-- Name: TABLE prices; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.prices TO pms_reader;
GRANT SELECT ON TABLE api.prices TO pms_trader;
GRANT SELECT ON TABLE api.prices TO pms_operator;
GRANT SELECT ON TABLE api.prices TO pms_analyst;

--
-- Name: TABLE rate_limits; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.rate_limits TO pms_operator;

--
-- Name: TABLE restatements; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.restatements TO pms_reader;
GRANT SELECT ON TABLE api.restatements TO pms_trader;
GRANT SELECT ON TABLE api.restatements TO pms_operator;
GRANT SELECT ON TABLE api.restatements TO pms_analyst;

--
-- Name: TABLE return_statistics; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.return_statistics TO pms_reader;
GRANT SELECT ON TABLE api.return_statistics TO pms_trader;
GRANT SELECT ON TABLE api.return_statistics TO pms_operator;
GRANT SELECT ON TABLE api.return_statistics TO pms_analyst;

--
-- Name: TABLE snapshots; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.snapshots TO pms_reader;
GRANT SELECT ON TABLE api.snapshots TO pms_trader;
GRANT SELECT ON TABLE api.snapshots TO pms_operator;
GRANT SELECT ON TABLE api.snapshots TO pms_analyst;

--
-- Name: TABLE validations; Type: ACL; Schema: api; Owner: pms_owner
--

GRANT SELECT ON TABLE api.validations TO pms_reader;
GRANT SELECT ON TABLE api.validations TO pms_trader;
GRANT SELECT ON TABLE api.validations TO pms_operator;
GRANT SELECT ON TABLE api.validations TO pms_analyst;

--
-- Name: TABLE outbox; Type: ACL; Schema: pms; Owner: pms_owner
--

GRANT SELECT,DELETE ON TABLE pms.outbox TO pms_worker;

--
-- PostgreSQL database dump complete
--
