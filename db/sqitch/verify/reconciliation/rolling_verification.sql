SELECT verification_period
FROM pms.settings
WHERE FALSE;

SELECT entered_at
FROM pms.positions
WHERE FALSE;

SELECT account, asset, mode, leg, entered_at, checkpointed
FROM pms.verified_legs
WHERE FALSE;

SELECT account, asset, mode, findings, verified_at
FROM pms.ledger_findings
WHERE FALSE;

SELECT verified_at, covered_since, pass_started_at, pass_entries, account, asset, mode, since
FROM pms.verification_progress
WHERE FALSE;
