SELECT
    account,
    id,
    asset,
    mode,
    leg,
    kind,
    field,
    ours,
    theirs,
    threshold,
    proposal,
    target_size,
    target_cost,
    is_fixable,
    status,
    evidence,
    first_seen_at,
    last_seen_at,
    times_seen,
    opened_at,
    announced_at,
    closed_at,
    decided_by,
    decided_at,
    note,
    trace_id
FROM pms.discrepancies
WHERE FALSE;

SELECT
    id,
    origin,
    scope,
    is_fixing,
    positions,
    discrepancies,
    fixes,
    errors,
    started_at,
    finished_at,
    trace_id
FROM pms.validations
WHERE FALSE;
