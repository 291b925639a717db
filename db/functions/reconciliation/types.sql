CREATE TYPE pms.discrepancy AS (
    source text,
    leg text,
    field text,
    stored text,
    expected text
);

COMMENT ON TYPE pms.discrepancy IS $$One thing in which a position is not what it should be

source: who says so, ledger (the fold of the entries), rule (an identity every position keeps) or
venue. stored and expected are written as the contract writes amounts and times.$$;

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
    effective_at timestamptz,
    evidence jsonb,
    trace_id text
);

COMMENT ON TYPE pms.finding IS $$A discrepancy as it is found, before it is kept

target_*, identity and effective_at: of the statement that would settle it; target_price is null where
the cost is not size at price. is_waiting: a fill on its way may still explain it. status: open, or
what it has come to in the same transaction: fixed or accepted.$$;

CREATE TYPE pms.reconciled_position AS (
    seen pms.discrepancies [],
    objection text,
    is_changed boolean
);

COMMENT ON TYPE pms.reconciled_position IS $$What came of checking a position

seen: the discrepancies found, as they are kept; objection: why it could not be checked;
is_changed: something was put right.$$;

CREATE TYPE pms.discrepancy_decision AS (
    discrepancy pms.discrepancies,
    objection text
);

COMMENT ON TYPE pms.discrepancy_decision IS $$The result of pms.decide_discrepancy

discrepancy: as it is now; objection: why nothing was decided, null when it was.$$;
