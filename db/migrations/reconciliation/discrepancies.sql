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
    CHECK (status IN ('open', 'fixed', 'accepted', 'dismissed', 'resolved')),
    CONSTRAINT discrepancies_open_is_not_closed CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT discrepancies_decision_has_author
    CHECK (status NOT IN ('accepted', 'dismissed') OR decided_by IS NOT NULL)
);

-- Asked whenever a leg changes that has any.
CREATE INDEX discrepancies_standing_idx ON pms.discrepancies (account, asset, mode, leg)
WHERE status IN ('open', 'dismissed');

-- A decision names nothing but the id.
CREATE INDEX discrepancies_id_idx ON pms.discrepancies (id);

CREATE INDEX discrepancies_newest_idx ON pms.discrepancies (last_seen_at DESC, id);

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

COMMIT;
