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
    effective_at timestamptz,
    evidence jsonb,
    trace_id text,
    closing numeric,
    closing_price numeric,
    closing_source text
);

COMMENT ON TYPE pms.finding IS $$A discrepancy before it is recorded

kind names its source: stored_row, checkpoint, rule, or for the venue size, average_price, adoption.
target_*, identity and effective_at describe the absolute entry that would settle it; target_price
is null where the cost is not size at price. closing: the quantity which that entry closes, at
closing_price, as closing_source knows it. is_waiting: a fill on its way may still explain it.$$;

CREATE TYPE pms.examination AS (
    key pms.position_key,
    findings pms.finding [],
    objection text
);

COMMENT ON TYPE pms.examination IS $$The findings of one position

objection: the error that keeps its ledger from being folded; then there are no findings.$$;

CREATE TYPE pms.ledger_examination AS (
    key pms.position_key,
    is_unfoldable boolean,
    findings jsonb
);

COMMENT ON TYPE pms.ledger_examination IS $$The differences of one position from its ledger

findings: a JSON array, as the verification reports them. is_unfoldable: an entry cannot be valued,
which is the one finding.$$;

CREATE TYPE pms.verified_part AS (
    after pms.leg_key,
    verified bigint
);

COMMENT ON TYPE pms.verified_part IS $$How far a step of the verification has come

after: its last leg; null when no leg is left. verified: how many legs or positions.$$;

CREATE TYPE pms.reconciled_position AS (
    seen pms.discrepancies [],
    objection text,
    is_changed boolean
);

COMMENT ON TYPE pms.reconciled_position IS $$The result of reconciling one position

seen: its discrepancies as recorded; objection: why it could not be reconciled; is_changed: a leg
was changed.$$;

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
    reported_at timestamptz,
    recorded_at timestamptz,
    trace_id text,
    due_at timestamptz,
    size_validation_threshold numeric,
    avg_price_diff_threshold numeric,
    multiplier numeric,
    is_inverse boolean,
    last_executed_at timestamptz,
    is_newest boolean,
    held numeric,
    held_cost numeric,
    kind text
);

COMMENT ON TYPE pms.venue_comparison IS
$$A report of the venue and our leg at the time of the report

Up to trace_id: the report; size is signed. due_at: from then on an unexplained position is adopted.
held, held_cost: our size and cost at that time; is_newest: no entry of ours is newer. kind: how
they differ.$$;

CREATE TYPE pms.discrepancy_decision AS (
    discrepancy pms.discrepancies,
    objection text
);

COMMENT ON TYPE pms.discrepancy_decision IS $$The result of pms.decide_discrepancy

discrepancy: as it is now; objection: why nothing was decided, or null.$$;
