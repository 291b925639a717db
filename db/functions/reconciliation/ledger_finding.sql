CREATE OR REPLACE FUNCTION pms.ledger_finding(
    account text,
    asset text,
    mode text,
    leg text,
    kind text,
    field text,
    stored text,
    expected text,
    proposal text
)
RETURNS SETOF pms.finding
LANGUAGE sql
IMMUTABLE
ROWS 1
AS $$
SELECT
    ledger_finding.account, ledger_finding.asset, ledger_finding.mode, ledger_finding.leg,
    ledger_finding.kind, ledger_finding.field, ledger_finding.stored, ledger_finding.expected,
    NULL::numeric, ledger_finding.proposal, NULL::numeric, NULL::numeric, NULL::numeric,
    ledger_finding.kind <> 'rule', FALSE, NULL::text, NULL::timestamptz, NULL::jsonb,
    NULL::text, NULL::numeric, NULL::numeric, NULL::text
$$;

COMMENT ON FUNCTION pms.ledger_finding IS $$A finding that needs no report of the venue

kind: stored_row, checkpoint or rule; a broken rule is not fixable. A row for the planner to inline,
not a value.$$;
