CREATE OR REPLACE FUNCTION pms.last_verification()
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT jsonb_build_object(
    'ledger_verified_at', pms.time_text(v.finished_at),
    'ledger_discrepancies', v.discrepancies
)
FROM (
    SELECT max(l.id) AS id
    FROM pms.verifications l
    WHERE l.finished_at IS NOT NULL
) n
LEFT JOIN pms.verifications v ON n.id = v.id
$$;

COMMENT ON FUNCTION pms.last_verification IS $$Time and result of the last finished verification

For health and metrics. Both are null before the first.$$;
