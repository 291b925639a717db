-- Deploy position_manager:functions/pms/keep_months to pg
-- requires: functions/pms/add_months
-- requires: functions/pms/drop_months

BEGIN;

CREATE OR REPLACE FUNCTION pms.keep_months(
    parent regclass,
    retention interval,
    ahead integer DEFAULT 2
)
RETURNS text
LANGUAGE plpgsql
-- Whoever reads or writes the table goes first: a later run does what this one could not.
SET lock_timeout = '2s'
AS $$
DECLARE
    v_since timestamptz := now() - retention;
    v_added text[];
    v_dropped text[];
BEGIN
    -- One at a time; readers and writers go on.
    EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent);

    -- In this order: dropping locks the table first, adding its default partition, and a reader goes
    -- from the one to the other.
    v_dropped := pms.drop_months(parent, v_since);
    v_added := pms.add_months(parent, ahead);

    RETURN format(
        '%s: %s', parent,
        concat_ws(
            ', ',
            'added ' || nullif(array_to_string(v_added, ' '), ''),
            'dropped ' || nullif(array_to_string(v_dropped, ' '), ''),
            CASE WHEN v_added = '{}' AND v_dropped = '{}' THEN 'nothing to do' END
        )
    );
END
$$;

COMMENT ON FUNCTION pms.keep_months IS
$$Give a table the months to come, and drop those beyond retention

Whole months only: what is younger than retention stays. Says what it did. Raises 55P03 when the
table is in use for longer than 2 s; nothing has been done then.$$;

COMMIT;
