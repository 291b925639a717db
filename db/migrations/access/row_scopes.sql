BEGIN;

-- Restrictive: a bound role is a member of the role it restricts, too, which may read all rows.
DO $$
DECLARE
    v_table regclass;
BEGIN
    FOREACH v_table IN ARRAY ARRAY[
        'pms.legs', 'pms.restatements', 'pms.conflicts', 'pms.discrepancies', 'pms.snapshots',
        'pms.portfolio_history', 'pms.limit_breaches', 'pms.audit'
    ]::regclass[]
    LOOP
        EXECUTE format(
            $policy$
                CREATE POLICY in_scope ON %s AS RESTRICTIVE FOR SELECT TO pms_bound USING (
                    account = ANY(string_to_array(current_setting('pms.account_scope', TRUE), ','))
                )
            $policy$,
            v_table
        );
    END LOOP;

    -- Entries and voids have no account of their own.
    CREATE POLICY in_scope ON pms.entries AS RESTRICTIVE FOR SELECT TO pms_bound
    USING (leg_id IN (SELECT l.leg_id FROM pms.legs l));

    CREATE POLICY in_scope ON pms.voids AS RESTRICTIVE FOR SELECT TO pms_bound
    USING (EXISTS (SELECT FROM pms.entries e WHERE e.id = voids.entry_id));

    FOR v_table IN SELECT p.polrelid FROM pg_policy p WHERE p.polname = 'in_scope'
    LOOP
        EXECUTE format('CREATE POLICY readable ON %s FOR SELECT USING (TRUE)', v_table);
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', v_table);
    END LOOP;
END
$$;

COMMIT;
