CREATE OR REPLACE FUNCTION pms.snapshot_moment(account text DEFAULT NULL)
RETURNS timestamptz
LANGUAGE sql
AS $$
SELECT pms.later_than(max(p.last_snapshot_at))
FROM pms.positions p
WHERE snapshot_moment.account IS NULL OR p.account = snapshot_moment.account
$$;

COMMENT ON FUNCTION pms.snapshot_moment IS $$The moment of snapshots that are begun now

Later than any before it. account null: of all accounts.$$;

CREATE OR REPLACE FUNCTION pms.positions_due_snapshot(
    taken_at timestamptz,
    after pms.position_key,
    account text DEFAULT NULL,
    size integer DEFAULT 100
)
RETURNS SETOF pms.position_key
LANGUAGE sql
STABLE
AS $$
SELECT p.account, p.asset, p.mode
FROM pms.positions p
WHERE p.version > 0
    AND (positions_due_snapshot.account IS NULL OR p.account = positions_due_snapshot.account)
    AND (p.account, p.asset, p.mode) > (
        coalesce((positions_due_snapshot.after).account, ''),
        coalesce((positions_due_snapshot.after).asset, ''),
        coalesce((positions_due_snapshot.after).mode, '')
    )
GROUP BY p.account, p.asset, p.mode
HAVING (
    bool_or(p.size <> 0)
    OR bool_or(p.updated_at > coalesce(p.last_snapshot_at, '-infinity'))
)
AND coalesce(max(p.last_snapshot_at) < positions_due_snapshot.taken_at, TRUE)
ORDER BY p.account, p.asset, p.mode
LIMIT positions_due_snapshot.size
$$;

COMMENT ON FUNCTION pms.positions_due_snapshot IS $$The next positions of which a snapshot is due

Those that are open or have changed since their last one, without the ones of which there is a
newer one than taken_at. after null: from the first; account null: of all accounts, and of their
books.$$;

CREATE OR REPLACE FUNCTION pms.take_snapshots(progress jsonb)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    v_size CONSTANT integer := 100;
    v_taken_at timestamptz := coalesce(
        (progress ->> 'taken_at')::timestamptz, pms.snapshot_moment()
    );
    v_trace_id text := coalesce(progress ->> 'trace_id', gen_random_uuid()::text);
    v_keys pms.position_key[] := ARRAY(
        SELECT k
        FROM pms.positions_due_snapshot(
            v_taken_at,
            jsonb_populate_record(NULL::pms.position_key, progress -> 'after'),
            size => v_size
        ) k
    );
    v_count bigint := coalesce((progress ->> 'count')::bigint, 0) + (
        SELECT count(*)
        FROM pms.snapshot_positions(v_keys, v_taken_at, v_trace_id) s
        WHERE NOT pms.is_book(s.account)
    );
BEGIN
    RETURN (
        CASE
            WHEN cardinality(v_keys) = v_size THEN jsonb_build_object(
                'taken_at', v_taken_at,
                'trace_id', v_trace_id,
                'after', v_keys[v_size],
                'count', v_count
            )
        END,
        format('%s snapshots of %s', v_count, pms.time_text(v_taken_at))
    )::pms.job_step;
END
$$;

COMMENT ON FUNCTION pms.take_snapshots IS
$$Keep what the positions are now: a step of the job, 100 of them

All that are open or have changed since their last snapshot, in all accounts, with one moment for
the whole run. Those of books are taken as well, and not counted. A repeated step does what
remains.$$;

CREATE OR REPLACE FUNCTION pms.take_account_snapshots(
    account text,
    trace_id text,
    OUT snapshots bigint,
    OUT taken_at timestamptz
)
LANGUAGE plpgsql
AS $$
DECLARE
    -- Null is all accounts at once, with their books.
    v_accounts text[] := coalesce(
        CASE WHEN take_account_snapshots.account IS NULL THEN pms.account_scope() END,
        ARRAY[take_account_snapshots.account]
    );
    v_is_counted CONSTANT boolean := coalesce(pms.is_book(take_account_snapshots.account), FALSE);
    v_account text;
    v_keys pms.position_key[];
BEGIN
    v_accounts := v_accounts || ARRAY(
        SELECT pms.book_account(b.account, b.book)
        FROM pms.books b
        WHERE b.account = ANY(v_accounts)
    );
    snapshots := 0;
    taken_at := (SELECT max(pms.snapshot_moment(a.account)) FROM unnest(v_accounts) a (account));

    FOREACH v_account IN ARRAY v_accounts
    LOOP
        v_keys := NULL;
        LOOP
            v_keys := ARRAY(
                SELECT k
                FROM pms.positions_due_snapshot(taken_at, v_keys[cardinality(v_keys)], v_account) k
            );
            EXIT WHEN v_keys = '{}';

            snapshots := snapshots + (
                SELECT count(*)
                FROM pms.snapshot_positions(v_keys, taken_at, take_account_snapshots.trace_id) s
                WHERE v_is_counted OR NOT pms.is_book(s.account)
            );
        END LOOP;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.take_account_snapshots IS
$$Snapshot the positions of an account that are due, as of one moment

account: null is all that are in scope. Those of its books are taken as well, and counted only where
a book is asked for.$$;

CREATE OR REPLACE FUNCTION pms.take_snapshot(
    account text,
    asset text,
    mode text,
    trace_id text
)
RETURNS SETOF pms.snapshots
LANGUAGE plpgsql
AS $$
DECLARE
    -- Two snapshots of a position have two moments. Locked first: the second of two at once has the
    -- later moment, and is not taken for a repetition.
    v_taken_at timestamptz := (
        SELECT pms.later_than(max(l.last_snapshot_at))
        FROM (
            SELECT p.last_snapshot_at
            FROM pms.positions p
            WHERE p.account = take_snapshot.account
                AND p.asset = take_snapshot.asset
                AND p.mode = take_snapshot.mode
            ORDER BY p.leg
            FOR UPDATE
        ) l
    );
BEGIN
    RETURN QUERY
    SELECT s.*
    FROM pms.snapshot_positions(
        ARRAY[(take_snapshot.account, take_snapshot.asset, take_snapshot.mode)]::pms.position_key[],
        v_taken_at,
        take_snapshot.trace_id
    ) s;
END
$$;

COMMENT ON FUNCTION pms.take_snapshot IS
'Snapshot one position, see pms.snapshot_positions; no row when there is none.';
