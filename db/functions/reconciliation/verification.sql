CREATE OR REPLACE FUNCTION pms.begin_verification()
RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
BEGIN
    INSERT INTO pms.verifications DEFAULT VALUES RETURNING id INTO v_id;

    DELETE FROM pms.verifications v WHERE v.id <= v_id - 1000;

    RETURN v_id;
END
$$;

COMMENT ON FUNCTION pms.begin_verification IS $$Begin a verification of the ledger; return its id

The last 1000 are kept. The caller must hold pms.job_lock('verify_ledger').$$;

CREATE OR REPLACE FUNCTION pms.continue_verification(
    verification bigint,
    after pms.position_key,
    size integer DEFAULT 100
)
RETURNS pms.position_key
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys pms.position_key[] := ARRAY(SELECT k FROM pms.next_positions(after, size) k);
    v_entries bigint;
    v_findings jsonb;
BEGIN
    SELECT
        -- What books have is in their accounts.
        coalesce(
            sum(n.entries) FILTER (
                WHERE NOT x.is_unfoldable AND NOT pms.is_book((x.key).account)
            ), 0
        ),
        coalesce(jsonb_path_query_array(jsonb_agg(x.findings), '$[*][*]'), '[]')
    INTO v_entries, v_findings
    FROM pms.record_ledger_findings(v_keys) x
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries
        FROM pms.ledger_entries e
        WHERE e.account = (x.key).account AND e.asset = (x.key).asset AND e.mode = (x.key).mode
    ) n;

    -- Each account with its first position.
    v_findings := v_findings || pms.record_total_findings(ARRAY(
        SELECT DISTINCT k.account
        FROM unnest(v_keys) k
        WHERE k.account IS DISTINCT FROM (continue_verification.after).account
    ));

    UPDATE pms.verifications v
    SET positions = v.positions + (
            SELECT count(*) FROM unnest(v_keys) k WHERE NOT pms.is_book(k.account)
        ),
        entries = v.entries + v_entries,
        discrepancies = v.discrepancies + jsonb_array_length(v_findings),
        findings = jsonb_path_query_array(v.findings || v_findings, '$[0 to 99]'),
        finished_at = CASE WHEN cardinality(v_keys) < size THEN clock_timestamp() END
    WHERE v.id = verification;

    IF cardinality(v_keys) = size THEN
        RETURN v_keys[size];
    END IF;

    UPDATE pms.verification_progress n
    SET verified_at = greatest(n.verified_at, v.started_at),
        covered_since = greatest(n.covered_since, v.started_at)
    FROM pms.verifications v
    WHERE v.id = verification;

    RETURN NULL;
END
$$;

COMMENT ON FUNCTION pms.continue_verification IS
$$Verify the next positions of a verification of the whole ledger, and add their findings

Rows, checkpoints, and the kept totals of accounts. Entries are counted with voided ones,
books in their accounts only. Returns the
last key, to go on after it; null when the verification is finished.$$;
