-- Deploy position_manager:functions/pms/continue_verification to pg
-- requires: functions/pms/next_positions
-- requires: functions/pms/verify_positions

BEGIN;

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

COMMIT;
