CREATE OR REPLACE FUNCTION pms.add_validation_counts(
    validation bigint,
    positions bigint,
    reconciled pms.reconciled_position[]
)
RETURNS pms.validations
LANGUAGE sql
AS $$
WITH counted AS (
    SELECT
        add_validation_counts.positions,
        coalesce(sum(cardinality(c.seen)), 0) AS discrepancies,
        coalesce(sum(f.fixes), 0) AS fixes,
        count(c.objection) AS errors
    FROM unnest(add_validation_counts.reconciled) c
    CROSS JOIN LATERAL (
        SELECT count(*) AS fixes FROM unnest(c.seen) d WHERE d.status = 'fixed'
    ) f
),

total AS (
    UPDATE pms.validation_statistics s
    SET total_validations = s.total_validations + n.positions,
        total_discrepancies = s.total_discrepancies + n.discrepancies,
        total_fixes = s.total_fixes + n.fixes,
        total_errors = s.total_errors + n.errors
    FROM counted n
)

UPDATE pms.validations v
SET positions = v.positions + n.positions,
    discrepancies = v.discrepancies + n.discrepancies,
    fixes = v.fixes + n.fixes,
    errors = v.errors + n.errors
FROM counted n
WHERE v.id = add_validation_counts.validation
RETURNING v.*
$$;

COMMENT ON FUNCTION pms.add_validation_counts IS
'Add the results of some positions to a validation and to the statistics; returns the validation.';

CREATE OR REPLACE FUNCTION pms.position_is_known(account text, asset text, mode text)
RETURNS boolean
LANGUAGE sql
STABLE
AS $$
SELECT EXISTS (
    SELECT 1
    FROM pms.positions p
    WHERE p.version > 0
        AND (p.account, p.asset, p.mode)
            = (position_is_known.account, position_is_known.asset, position_is_known.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.ledger_entries e
    WHERE (e.account, e.asset, e.mode)
        = (position_is_known.account, position_is_known.asset, position_is_known.mode)
) OR EXISTS (
    SELECT 1
    FROM pms.venue_positions v
    WHERE (v.account, v.asset, v.mode)
        = (position_is_known.account, position_is_known.asset, position_is_known.mode)
)
$$;

COMMENT ON FUNCTION pms.position_is_known IS
$$Whether a position has a row, an entry or a report of the venue$$;

CREATE OR REPLACE FUNCTION pms.discrepancies_text(seen pms.discrepancies[])
RETURNS text
LANGUAGE sql
IMMUTABLE
AS $$
SELECT string_agg(
    format(
        '%s of leg %s is %s, by the %s it is %s',
        d.field, d.leg, coalesce(d.ours, 'missing'),
        CASE d.kind
            WHEN 'rule' THEN 'rule'
            WHEN 'stored_row' THEN 'ledger'
            WHEN 'checkpoint' THEN 'ledger'
            ELSE 'venue'
        END,
        coalesce(d.theirs, 'missing')
    ),
    '; ' ORDER BY d.leg, d.kind, d.field
)
FROM unnest(seen) d
WHERE d.status = 'open'
$$;

COMMENT ON FUNCTION pms.discrepancies_text IS
'Open discrepancies in words; null without one.';

CREATE OR REPLACE FUNCTION pms.validate_position(
    account text,
    asset text,
    mode text,
    fix_discrepancies boolean,
    trace_id text
)
RETURNS jsonb
LANGUAGE plpgsql
AS $$
DECLARE
    v_id bigint;
    reconciled pms.reconciled_position;
BEGIN
    INSERT INTO pms.validations (origin, scope, is_fixing, trace_id)
    VALUES ('request', pms.position_path(account, asset, mode), fix_discrepancies, trace_id)
    RETURNING id INTO v_id;

    reconciled := pms.reconcile_position(
        account, asset, mode, fix_discrepancies, FALSE, NULL, trace_id
    );

    PERFORM pms.add_validation_counts(v_id, 1, ARRAY[reconciled]);
    UPDATE pms.validations v SET finished_at = clock_timestamp() WHERE v.id = v_id;

    RETURN jsonb_build_object(
        'is_valid',
        reconciled.objection IS NULL AND NOT EXISTS (
            SELECT 1 FROM unnest(reconciled.seen) d WHERE d.status = 'open'
        ),
        'error_message', coalesce(reconciled.objection, pms.discrepancies_text(reconciled.seen)),
        'updated_position',
        (
            SELECT pms.position_json(p)
            FROM pms.current_positions p
            WHERE reconciled.is_changed
                AND p.account = validate_position.account
                AND p.asset = validate_position.asset
                AND p.mode = validate_position.mode
        ),
        'discrepancies',
        (
            SELECT coalesce(
                jsonb_agg(pms.discrepancy_json(d) ORDER BY d.leg, d.kind, d.field), '[]'
            )
            FROM unnest(reconciled.seen) d
        )
    );
END
$$;

COMMENT ON FUNCTION pms.validate_position IS $$Compare a position with ledger, rules and venue

Returns the answer of the contract. is_valid: no discrepancy is open, or none any more.
fix_discrepancies applies the fixes that the rules allow; updated_position is null unless a leg
changed. The run is recorded.$$;
