-- Deploy position_manager:functions/pms/verify_positions to pg
-- requires: functions/pms/checkpoint_discrepancies
-- requires: functions/pms/ledger_discrepancies
-- requires: migrations/verifications

BEGIN;

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
                    FROM pms.ledger_discrepancies(k.account, k.asset, k.mode) l
                    UNION ALL
                    SELECT c.*
                    FROM pms.checkpoint_discrepancies(k.account, k.asset, k.mode) c
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

COMMIT;
