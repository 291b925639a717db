CREATE OR REPLACE FUNCTION pms.newest_recording()
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (SELECT e.recorded_at FROM pms.entries e ORDER BY e.id DESC LIMIT 1);
END
$$;

COMMENT ON FUNCTION pms.newest_recording IS
$$When the newest entry of the ledger was recorded; null when there is none

Not STABLE: a caller who has waited for locks sees what was committed meanwhile.$$;

CREATE OR REPLACE FUNCTION pms.lock_stored_legs(keys pms.leg_key[])
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN (
        SELECT greatest(pms.later_than(max(l.updated_at)), pms.newest_recording())
        FROM (
            SELECT p.updated_at
            FROM pms.positions p
            INNER JOIN (SELECT DISTINCT u.account, u.asset, u.mode, u.leg FROM unnest(keys) u) k
                ON (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
            ORDER BY p.account, p.asset, p.mode, p.leg
            FOR UPDATE OF p
        ) l
    );
END
$$;

COMMENT ON FUNCTION pms.lock_stored_legs IS $$Lock legs that exist; return the time of their change

The row locks make two batches on one leg take turns. They are taken in the order of the key, so
that two batches never wait for each other. The time rises for each leg, and is never before that
of an entry of another one, so that what was known at a moment stays what it was: see
pms.later_than.$$;

CREATE OR REPLACE FUNCTION pms.require_few_new_instruments()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF (
        SELECT count(*) > 1000
        FROM pms.instruments i
        WHERE i.is_assumed
            AND i.created_at > now() - interval '1 day'
    ) THEN
        PERFORM pms.raise_denied(403, 'FORBIDDEN', 'too many new assets for a bound key');
    END IF;
END
$$;

COMMENT ON FUNCTION pms.require_few_new_instruments IS
$$Refuse a batch of a bound key that adds assets when more than 1000 are new

Every account sees the instruments. Counts those of one day that no operator has defined, with the
ones that the batch has added. Refuses with:
- 403 when there are more than 1000$$;

CREATE OR REPLACE FUNCTION pms.lock_rules()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    LOCK TABLE pms.amendments IN ROW SHARE MODE;
END
$$;

COMMENT ON FUNCTION pms.lock_rules IS
$$Let no amendment, corporate action, definition of an instrument or map of shards come in between

Those lock pms.amendments in EXCLUSIVE MODE, and see all legs and entries, or are seen. The first
lock of every transaction that begins a leg: before reports, prices, instruments and legs, in this
order, so that none waits for the other.$$;

CREATE OR REPLACE FUNCTION pms.with_renamed_legs(keys pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
WITH RECURSIVE followed AS (
    SELECT k.account, k.asset, k.mode, k.leg FROM unnest(with_renamed_legs.keys) k
    UNION
    SELECT f.account, a.to_asset, f.mode, f.leg
    FROM followed f
    INNER JOIN pms.corporate_actions a ON f.asset = a.asset
    WHERE a.action = 'rename'
)

SELECT array_agg(f::pms.leg_key) FROM followed f
$$;

COMMENT ON FUNCTION pms.with_renamed_legs IS $$Legs, with those that renames of their assets lead to

A late fill changes what moved to them.$$;

CREATE OR REPLACE FUNCTION pms.lock_identities(
    keys pms.leg_key[],
    earliest timestamptz,
    latest timestamptz
)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    c_locks CONSTANT integer := 64;
    -- Longer than a transaction takes.
    c_margin CONSTANT interval := interval '1 minute';
    v_alone CONSTANT boolean := NOT EXISTS (
        SELECT 1
        FROM pms.ledger_partitions p
        WHERE p.since <= least(earliest, now() - c_margin)
            AND p.until > greatest(latest, now() + c_margin)
    );
    v_lock bigint;
BEGIN
    FOR v_lock IN
        SELECT DISTINCT hashtextextended('pms.entries', abs(hashtext(k.account) % c_locks))
        FROM unnest(keys) k
        ORDER BY 1
    LOOP
        IF v_alone THEN
            PERFORM pg_advisory_xact_lock(v_lock);
        ELSE
            PERFORM pg_advisory_xact_lock_shared(v_lock);
        END IF;
    END LOOP;
END
$$;

COMMENT ON FUNCTION pms.lock_identities IS
$$Let nobody count an identity of these accounts in another partition of the ledger

What two writers count in one partition its index refuses. earliest, latest: the event times of
the entries to come; null: now. Writers of the present partition do not wait for each other; who
writes into another one, or while the present one ends, is alone with the account. Accounts share
64 locks.$$;

CREATE OR REPLACE FUNCTION pms.lock_legs(
    keys pms.leg_key[],
    earliest timestamptz DEFAULT NULL,
    latest timestamptz DEFAULT NULL
)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
DECLARE
    v_keys pms.leg_key[];
    v_new pms.leg_key[];
    v_is_divided boolean;
    v_has_actions boolean;
    v_has_books boolean;
BEGIN
    -- As pms.lock_rules does, without the call.
    LOCK TABLE pms.amendments IN ROW SHARE MODE;

    -- One look for all of them (ADR 0002).
    SELECT
        EXISTS (SELECT 1 FROM pms.ledger_partitions p WHERE p.since > '-infinity'),
        EXISTS (SELECT 1 FROM pms.corporate_actions),
        EXISTS (SELECT 1 FROM pms.books)
    INTO v_is_divided, v_has_actions, v_has_books;

    IF v_is_divided THEN
        PERFORM pms.lock_identities(keys, earliest, latest);
    END IF;

    IF v_has_actions THEN
        keys := pms.with_renamed_legs(keys);
    END IF;

    IF v_has_books THEN
        keys := pms.with_book_legs(keys, FALSE);
    END IF;

    -- The last check, whatever came before: no leg out of scope is locked.
    IF current_setting('pms.account_scope', TRUE) <> '' THEN
        PERFORM pms.require_in_scope(k.account) FROM unnest(keys) k;
    END IF;

    SELECT
        array_agg(k::pms.leg_key),
        array_agg(k::pms.leg_key) FILTER (
            WHERE NOT EXISTS (
                SELECT 1
                FROM pms.positions p
                WHERE (p.account, p.asset, p.mode, p.leg) = (k.account, k.asset, k.mode, k.leg)
            )
        )
    INTO v_keys, v_new
    FROM (SELECT DISTINCT u.account, u.asset, u.mode, u.leg FROM unnest(keys) u) k;

    IF v_new IS NOT NULL THEN
        INSERT INTO pms.instruments (asset)
        SELECT DISTINCT n.asset
        FROM unnest(v_new) n
        WHERE NOT EXISTS (SELECT 1 FROM pms.instruments i WHERE i.asset = n.asset)
        ORDER BY n.asset
        ON CONFLICT ON CONSTRAINT instruments_pkey DO NOTHING;

        IF FOUND AND pms.in_scope('*') IS NOT TRUE THEN
            PERFORM pms.require_few_new_instruments();
        END IF;

        INSERT INTO pms.legs (account, asset, mode, leg)
        SELECT n.account, n.asset, n.mode, n.leg
        FROM unnest(v_new) n
        ORDER BY n.account, n.asset, n.mode, n.leg
        ON CONFLICT ON CONSTRAINT legs_key DO NOTHING;

        INSERT INTO pms.positions (account, asset, mode, leg, leg_id, position_id)
        SELECT
            n.account, n.asset, n.mode, n.leg, l.leg_id,
            pms.position_id(n.account, n.asset, n.mode)
        FROM unnest(v_new) n
        -- OFFSET 0: looked up, new legs do not read all legs (ADR 0002).
        CROSS JOIN LATERAL (
            SELECT k.leg_id
            FROM pms.legs k
            WHERE (k.account, k.asset, k.mode, k.leg) = (n.account, n.asset, n.mode, n.leg)
            OFFSET 0
        ) l
        ORDER BY n.account, n.asset, n.mode, n.leg
        ON CONFLICT ON CONSTRAINT positions_pkey DO NOTHING;

        -- Without statistics every index with one column of the key looks equal, and a leg might be
        -- read by way of all legs of its mode until autovacuum comes (ADR 0002).
        IF (
            SELECT pg_relation_size(c.oid) > 2 * 8192 * greatest(c.relpages, 1)
            FROM pg_catalog.pg_class c
            WHERE c.oid = 'pms.positions'::regclass
        ) THEN
            -- Never waits: another writer, or autovacuum, is at it.
            ANALYZE (SKIP_LOCKED) pms.positions;
        END IF;
    END IF;

    RETURN pms.lock_stored_legs(v_keys);
END
$$;

COMMENT ON FUNCTION pms.lock_legs IS $$Lock the legs a batch may change, creating those that are new

Returns the time at which the coming change becomes known, see pms.lock_stored_legs. A leg
created here and never changed has version 0 and is not shown. earliest, latest: see
pms.lock_identities. Of the books of accounts that of pms.unassigned_book() is locked; a caller
that voids fills locks all, see pms.with_book_legs. Refuses with:
- 403 when a leg belongs to an account out of scope, or a bound key adds too many assets$$;

CREATE OR REPLACE FUNCTION pms.lock_position(
    account text,
    asset text,
    mode text,
    legs text[] DEFAULT '{}'
)
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
BEGIN
    RETURN pms.lock_legs(ARRAY(
        SELECT (lock_position.account, lock_position.asset, lock_position.mode, k.leg)::pms.leg_key
        FROM (
            SELECT p.leg
            FROM pms.positions p
            WHERE p.account = lock_position.account
                AND p.asset = lock_position.asset
                AND p.mode = lock_position.mode
            UNION
            SELECT l.leg
            FROM pms.legs l
            WHERE l.account = lock_position.account
                AND l.asset = lock_position.asset
                AND l.mode = lock_position.mode
                AND EXISTS (SELECT 1 FROM pms.entries e WHERE e.leg_id = l.leg_id)
            UNION
            SELECT l.leg
            FROM unnest(lock_position.legs) l (leg)
        ) k
    ));
END
$$;

COMMENT ON FUNCTION pms.lock_position IS $$Lock the legs of a position, also one whose row was lost

Returns what pms.lock_legs returns. Creates no leg that has no entry, except legs.$$;
