CREATE OR REPLACE FUNCTION api.begin_ledger_restore(partition text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.begin_restore(partition);
    PERFORM pms.audit_command(
        'begin_ledger_restore', jsonb_build_object('partition', partition)
    );
END
$$;

COMMENT ON FUNCTION api.begin_ledger_restore IS
$$Begin to restore an archived partition beside the ledger

api.get_ledger_periods says where its files are. Repeated: starts over. On the command line only.
Refuses with:
- 409 when it is not archived, a newer one is, or another one is about to be$$;

GRANT EXECUTE ON FUNCTION api.begin_ledger_restore TO pms_operator;

CREATE OR REPLACE FUNCTION api.restore_ledger_entries(partition text, rows_text text)
RETURNS bigint
LANGUAGE sql
SECURITY DEFINER
SET search_path = ''
AS $$
SELECT pms.restore_entries(
    restore_ledger_entries.partition, restore_ledger_entries.rows_text
)
$$;

COMMENT ON FUNCTION api.restore_ledger_entries IS
$$Add rows of api.archive_rows to a partition that is being restored; returns how many

rows_text: a JSON array. On the command line only. Refuses with:
- 409 when it, or one of these entries, is in the ledger$$;

GRANT EXECUTE ON FUNCTION api.restore_ledger_entries TO pms_operator;

CREATE OR REPLACE FUNCTION api.finish_ledger_restore(partition text)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    PERFORM pms.finish_restore(partition);
    PERFORM pms.audit_command(
        'finish_ledger_restore', jsonb_build_object('partition', partition)
    );
END
$$;

COMMENT ON FUNCTION api.finish_ledger_restore IS
$$Put a restored partition back into the ledger; its period is accepted again

On the command line only. Refuses with:
- 409 when it is not what was archived, or a book was divided off since$$;

GRANT EXECUTE ON FUNCTION api.finish_ledger_restore TO pms_operator;
