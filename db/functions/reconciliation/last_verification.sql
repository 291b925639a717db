CREATE OR REPLACE FUNCTION pms.standing_ledger_findings()
RETURNS bigint
LANGUAGE sql
STABLE
RETURN (SELECT coalesce(sum(jsonb_array_length(f.findings)), 0) FROM pms.ledger_findings f);

COMMENT ON FUNCTION pms.standing_ledger_findings IS
'How many differences from the ledger have been found and not been verified to be gone.';

CREATE OR REPLACE FUNCTION pms.last_verification()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    'ledger_verified_at', pms.time_text(v.verified_at),
    'ledger_discrepancies',
    CASE WHEN v.verified_at IS NOT NULL THEN pms.standing_ledger_findings() END,
    'oldest_verification_age_seconds',
    floor(
        extract(EPOCH FROM greatest(clock_timestamp(), v.covered_since) - v.covered_since)
    )::bigint
)
FROM pms.verification_progress v
$$;

COMMENT ON FUNCTION pms.last_verification IS $$Time and result of the verification of the ledger

For health and metrics. ledger_verified_at: changes committed before it have been verified.
ledger_discrepancies: the findings that stand, of changes and of the pass over the whole ledger. Both
are null before the first verification. oldest_verification_age_seconds: every part of the ledger has
been folded again within this time, by the last finished pass or a later one; before the first, since
the deployment.$$;
