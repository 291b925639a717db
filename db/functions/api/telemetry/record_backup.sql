CREATE OR REPLACE FUNCTION api.record_backup(
    taken_at timestamptz,
    is_verified boolean,
    stored_in text,
    size_bytes bigint
)
RETURNS void
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    IF taken_at > clock_timestamp() + (SELECT s.clock_skew_limit FROM pms.settings s) THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'taken_at is in the future',
            HINT = 'Compare the clocks of this machine and the server.';
    END IF;

    INSERT INTO pms.backups (taken_at, is_verified, stored_in, size_bytes)
    VALUES (
        record_backup.taken_at,
        record_backup.is_verified,
        record_backup.stored_in,
        record_backup.size_bytes
    );

    DELETE FROM pms.backups b
    WHERE b.recorded_at < clock_timestamp() - interval '400 days';
END
$$;

COMMENT ON FUNCTION api.record_backup IS $$Record a backup, for health and alerts

taken_at: everything committed before is in it. is_verified: whether it was restored and compared
with the database. stored_in: where it is, for people. For programs that make backups; **backup** and
**keep-backups** of the command line call it. Records older than 400 days are dropped.

Refuses with: 400 for a time in the future, 23514 for a stored_in without text or of more than 1024
characters, or a negative size.$$;

GRANT EXECUTE ON FUNCTION api.record_backup TO pms_backup, pms_operator;
