SELECT
    account,
    asset,
    mode,
    leg,
    executed_at,
    entry_id,
    known_from,
    known_to,
    ordinal,
    version,
    recorded_at,
    state
FROM pms.checkpoints
WHERE FALSE;
