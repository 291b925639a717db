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

The last 1000 are kept. Whoever calls holds pms.job_lock('verify_ledger').$$;

CREATE OR REPLACE FUNCTION pms.verify_positions(
    keys pms.position_key[],
    OUT entries bigint,
    OUT findings jsonb
)
LANGUAGE plpgsql
AS $$
DECLARE
    v_key pms.position_key;
    v_entries bigint;
    v_findings jsonb;
    v_objection text;
BEGIN
    BEGIN
        -- One statement: it sees rows and entries of the same moment, and nobody has to wait.
        SELECT
            (
                SELECT coalesce(sum(n.entries), 0)
                FROM unnest(keys) k
                CROSS JOIN LATERAL (
                    SELECT count(*)
                    FROM pms.entries e
                    WHERE e.account = k.account AND e.asset = k.asset AND e.mode = k.mode
                ) n (entries)
            ),
            (
                SELECT coalesce(jsonb_agg(to_jsonb(k) || to_jsonb(d)), '[]')
                FROM unnest(keys) k
                CROSS JOIN LATERAL (
                    SELECT l.*
                    FROM pms.stored_row_findings(k.account, k.asset, k.mode) l
                    UNION ALL
                    SELECT c.*
                    FROM pms.checkpoint_findings(k.account, k.asset, k.mode) c
                ) d
            )
        INTO entries, findings;
        RETURN;
    EXCEPTION
        -- An entry that cannot be valued.
        WHEN data_exception THEN
            v_objection := SQLERRM;
    END;

    entries := 0;
    findings := '[]';

    IF cardinality(keys) = 1 THEN
        findings := jsonb_build_array(
            to_jsonb(keys[1]) || jsonb_build_object(
                'source', 'ledger', 'leg', NULL, 'field', 'entries',
                'stored', v_objection, 'expected', 'entries that can be folded'
            )
        );
        RETURN;
    END IF;

    FOREACH v_key IN ARRAY keys
    LOOP
        SELECT v.entries, v.findings
        INTO v_entries, v_findings
        FROM pms.verify_positions(ARRAY[v_key]) v;

        entries := entries + v_entries;
        findings := findings || v_findings;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.verify_positions IS
$$Fold positions again and say where they differ from what is stored

Rows and checkpoints. entries: how many they have, voided ones as well. A finding is a discrepancy
with its account, asset and mode; a position whose entries cannot be folded is one, too.$$;

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
    SELECT p.entries, p.findings
    INTO v_entries, v_findings
    FROM pms.verify_positions(v_keys) p;

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

COMMENT ON FUNCTION pms.continue_verification IS $$Verify the next positions and add what was found

Returns the last of them, to go on after it; null when there are no more and the verification is
finished.$$;

CREATE OR REPLACE FUNCTION pms.verification_json(verification pms.verifications)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'started_at', pms.time_text(verification.started_at),
    'finished_at', pms.time_text(verification.finished_at),
    'positions', verification.positions,
    'entries', verification.entries,
    'discrepancies', verification.discrepancies,
    'findings', verification.findings
);

COMMENT ON FUNCTION pms.verification_json IS 'A verification of the ledger as it is told.';

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

COMMENT ON FUNCTION pms.last_verification IS $$When the ledger was last verified, and what was found

For health and metrics. Both are null before the first.$$;

CREATE OR REPLACE FUNCTION pms.verify_ledger(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint := (progress ->> 'verification')::bigint;
    v_after pms.position_key := jsonb_populate_record(
        NULL::pms.position_key, progress -> 'after'
    );
    v_step pms.job_step;
BEGIN
    IF v_id IS NULL THEN
        v_id := pms.begin_verification();
    END IF;

    v_after := pms.continue_verification(v_id, v_after);

    IF v_after IS NOT NULL THEN
        v_step.progress := jsonb_build_object('verification', v_id, 'after', v_after);
        RETURN v_step;
    END IF;

    v_step.done := (
        SELECT format(
            '%s discrepancies in %s positions, %s entries', v.discrepancies, v.positions, v.entries
        )
        FROM pms.verifications v
        WHERE v.id = v_id
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.verify_ledger IS
$$Fold the whole ledger again and compare it with what is stored

A job, in steps of 100 positions. What it finds is in pms.verifications.$$;
