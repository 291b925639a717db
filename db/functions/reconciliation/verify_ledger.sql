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
        coalesce(sum(n.entries) FILTER (WHERE x.objection IS NULL), 0),
        coalesce(
            jsonb_path_query_array(
                jsonb_agg(d.findings) FILTER (WHERE d.findings IS NOT NULL), '$[*][*]'
            ),
            '[]'
        )
    INTO v_entries, v_findings
    FROM unnest(pms.examine_positions(v_keys, '{stored_row,checkpoint}', FALSE)) x
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries
        FROM pms.entries e
        WHERE e.account = (x.key).account AND e.asset = (x.key).asset AND e.mode = (x.key).mode
    ) n
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN x.objection IS NOT NULL
                    THEN jsonb_build_array(
                        to_jsonb(x.key) || jsonb_build_object(
                            'source', 'ledger', 'leg', NULL, 'field', 'entries',
                            'stored', x.objection, 'expected', 'entries that can be folded'
                        )
                    )
                ELSE (
                    SELECT jsonb_agg(
                        to_jsonb(x.key) || jsonb_build_object(
                            'source', 'ledger', 'leg', f.leg, 'field', f.field,
                            'stored', f.ours, 'expected', f.theirs
                        )
                    )
                    FROM unnest(x.findings) f
                )
            END AS findings
    ) d;

    -- Each account with its first position.
    v_findings := v_findings || coalesce(
        (
            SELECT jsonb_agg(jsonb_build_object(
                'source', 'ledger', 'account', w.account, 'asset', NULL, 'mode', NULL, 'leg', NULL,
                'field', 'exposure in ' || w.currency,
                'stored', pms.decimal_text(w.stored), 'expected', pms.decimal_text(w.expected)
            ))
            FROM pms.wrong_account_totals(ARRAY(
                SELECT DISTINCT k.account
                FROM unnest(v_keys) k
                WHERE k.account IS DISTINCT FROM (continue_verification.after).account
            )) w
        ),
        '[]'
    );

    UPDATE pms.verifications v
    SET positions = v.positions + cardinality(v_keys),
        entries = v.entries + v_entries,
        discrepancies = v.discrepancies + jsonb_array_length(v_findings),
        findings = jsonb_path_query_array(v.findings || v_findings, '$[0 to 99]'),
        finished_at = CASE WHEN cardinality(v_keys) < size THEN clock_timestamp() END
    WHERE v.id = verification;

    RETURN CASE WHEN cardinality(v_keys) = size THEN v_keys[size] END;
END
$$;

COMMENT ON FUNCTION pms.continue_verification IS $$Verify the next positions and add their findings

Rows, checkpoints, and the kept totals of accounts. Entries are counted with voided ones; an entry that cannot be valued makes its
position one finding. Returns the last key, to go on after it; null when the verification is finished.$$;

CREATE OR REPLACE FUNCTION pms.verify_ledger(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint := coalesce((progress ->> 'verification')::bigint, pms.begin_verification());
    v_after pms.position_key := pms.continue_verification(
        v_id, jsonb_populate_record(NULL::pms.position_key, progress -> 'after')
    );
BEGIN
    IF v_after IS NOT NULL THEN
        RETURN (
            jsonb_build_object('verification', v_id, 'after', v_after), NULL
        )::pms.job_step;
    END IF;

    RETURN (
        SELECT (
            NULL,
            format(
                '%s discrepancies in %s positions, %s entries',
                v.discrepancies, v.positions, v.entries
            )
        )::pms.job_step
        FROM pms.verifications v
        WHERE v.id = v_id
    );
END
$$;

COMMENT ON FUNCTION pms.verify_ledger IS
$$Fold the whole ledger again and compare it with the stored rows and checkpoints

A job, in steps of 100 positions; nothing is locked, nothing fixed. Results are in
pms.verifications.$$;
