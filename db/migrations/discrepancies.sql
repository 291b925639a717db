-- Deploy position_manager:migrations/discrepancies to pg
-- requires: migrations/schemas

BEGIN;

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
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    times_seen bigint NOT NULL DEFAULT 1,
    opened_at timestamptz NOT NULL,
    announced_at timestamptz,
    closed_at timestamptz,
    decided_by text,
    decided_at timestamptz,
    note text,
    trace_id text,

    CONSTRAINT discrepancies_pkey PRIMARY KEY (account, id),
    CONSTRAINT discrepancies_leg_fits_mode CHECK (
        (mode = 'one-way' AND leg = 'net') OR (mode = 'hedge' AND leg IN ('long', 'short'))
    ),
    CONSTRAINT discrepancies_kind_is_known CHECK (
        kind IN ('size', 'average_price', 'adoption', 'stored_row', 'checkpoint', 'rule')
    ),
    CONSTRAINT discrepancies_status_is_known
    CHECK (status IN ('open', 'fixed', 'accepted', 'dismissed', 'gone')),
    CONSTRAINT discrepancies_open_is_not_closed CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT discrepancies_decision_has_author
    CHECK (status NOT IN ('accepted', 'dismissed') OR decided_by IS NOT NULL)
);

-- Asked whenever a leg changes that has any.
CREATE INDEX discrepancies_standing_idx ON pms.discrepancies (account, asset, mode, leg)
WHERE status IN ('open', 'dismissed');
-- Whoever decides names nothing but the id.
CREATE INDEX discrepancies_id_idx ON pms.discrepancies (id);
CREATE INDEX discrepancies_newest_idx ON pms.discrepancies (last_seen_at DESC, id);

COMMENT ON TABLE pms.discrepancies IS $$What was found not to be what it should be

The same disagreement is one row, however often it is seen, and closes itself when it goes away.$$;
COMMENT ON COLUMN pms.discrepancies.id IS
'Made of account, asset, mode, leg, kind and field: the same for ever.';
COMMENT ON COLUMN pms.discrepancies.kind IS $$What disagrees with what

size, average_price: the venue with us; adoption: the venue knows a position of which we have no
entry; stored_row, checkpoint: what is kept with its ledger; rule: a leg with what every leg keeps.$$;
COMMENT ON COLUMN pms.discrepancies.ours IS 'As the contract writes amounts and times.';
COMMENT ON COLUMN pms.discrepancies.theirs IS
'What the venue says, or what the ledger or the rule asks for.';
COMMENT ON COLUMN pms.discrepancies.threshold IS
'A difference strictly above it is one: a quantity, or a ratio of prices; null: any is.';
COMMENT ON COLUMN pms.discrepancies.target_size IS
'With target_cost: what the leg is stated to be when it is fixed or accepted; null: nothing is.';
COMMENT ON COLUMN pms.discrepancies.is_fixable IS
'The rules allow to put it right without a person.';
COMMENT ON COLUMN pms.discrepancies.status IS $$What has become of it

open; fixed by the rules; accepted by a person, who had the proposal applied; dismissed by a person,
until its values change; gone by itself.$$;
COMMENT ON COLUMN pms.discrepancies.evidence IS 'The report of the venue that says so.';
COMMENT ON COLUMN pms.discrepancies.opened_at IS 'When it was last opened.';
COMMENT ON COLUMN pms.discrepancies.announced_at IS
'When a person was asked to decide; null: not since it was last opened.';

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
    status text,
    identity text,
    stated_at timestamptz,
    evidence jsonb,
    trace_id text
);

COMMENT ON TYPE pms.finding IS $$A discrepancy as it is found, before it is kept

target_*, identity and stated_at: of the statement that would settle it; target_price is null where
the cost is not size at price. is_waiting: a fill on its way may still explain it. status: open, or
what it has come to in the same transaction: fixed or accepted.$$;

CREATE TABLE pms.validations (
    id bigint GENERATED ALWAYS AS IDENTITY,
    origin text NOT NULL,
    scope text,
    is_fixing boolean NOT NULL,
    positions bigint NOT NULL DEFAULT 0,
    discrepancies bigint NOT NULL DEFAULT 0,
    fixes bigint NOT NULL DEFAULT 0,
    errors bigint NOT NULL DEFAULT 0,
    started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    finished_at timestamptz,
    trace_id text,

    CONSTRAINT validations_pkey PRIMARY KEY (id),
    CONSTRAINT validations_origin_is_known CHECK (origin IN ('request', 'job'))
);

COMMENT ON TABLE pms.validations IS 'Every validation, of one position or of all, and its counts.';
COMMENT ON COLUMN pms.validations.scope IS 'account/asset/mode of the position; null: all.';
COMMENT ON COLUMN pms.validations.discrepancies IS 'How many were found, fixed ones as well.';
COMMENT ON COLUMN pms.validations.errors IS 'Positions whose ledger cannot be folded.';
COMMENT ON COLUMN pms.validations.finished_at IS 'Null: it goes on, or was broken off.';

CREATE TYPE pms.checked AS (
    seen pms.discrepancies [],
    objection text,
    is_changed boolean
);

COMMENT ON TYPE pms.checked IS $$What came of checking a position

seen: the discrepancies found, as they are kept; objection: why it could not be checked;
is_changed: something was put right.$$;

COMMIT;
