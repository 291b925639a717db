DO $$
DECLARE
    v_table regclass;
BEGIN
    FOR v_table IN SELECT p.polrelid FROM pg_policy p WHERE p.polname = 'in_scope'
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE ROW LEVEL SECURITY', v_table);
        EXECUTE format('DROP POLICY readable ON %s', v_table);
        EXECUTE format('DROP POLICY in_scope ON %s', v_table);
    END LOOP;
END
$$;
