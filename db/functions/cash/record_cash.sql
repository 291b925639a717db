CREATE OR REPLACE FUNCTION pms.lock_cash(accounts text[])
RETURNS timestamptz
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(k.key)
    FROM (
        SELECT DISTINCT hashtextextended('cash of ' || a.account, 0) AS key
        FROM unnest(lock_cash.accounts) a (account)
        WHERE a.account IS NOT NULL
        ORDER BY key
    ) k;

    RETURN greatest(
        pms.later_than((
            SELECT max(b.recorded_at)
            FROM pms.cash_balances b
            WHERE b.account = ANY(lock_cash.accounts)
        )),
        pms.newest_recording()
    );
END
$$;

COMMENT ON FUNCTION pms.lock_cash IS $$Lock the cash of accounts; return the time of its change

Two changes of one account take turns, in one order, so that they never wait for each other. The
time rises for each account, and is never before that of an entry of the ledger: see
pms.lock_stored_legs.$$;

CREATE OR REPLACE FUNCTION pms.post_cash(entries pms.cash_entries[])
RETURNS void
LANGUAGE sql
AS $$
INSERT INTO pms.cash_entries (
    account, identity, kind, currency, amount, counter_account, effective_at, recorded_at, busts,
    trace_id
)
SELECT
    n.account, n.identity, n.kind, n.currency, n.amount, n.counter_account, n.effective_at,
    n.recorded_at, n.busts, n.trace_id
FROM unnest(post_cash.entries) n
ORDER BY n.account;

INSERT INTO pms.cash_balances AS b (account, currency, amount, entries, recorded_at)
SELECT
    n.account, n.currency, n.amount, CASE WHEN n.busts IS NULL THEN 1 ELSE -1 END, n.recorded_at
FROM unnest(post_cash.entries) n
ON CONFLICT ON CONSTRAINT cash_balances_pkey DO UPDATE
SET amount = b.amount + excluded.amount,
    entries = b.entries + excluded.entries,
    recorded_at = excluded.recorded_at
$$;

COMMENT ON FUNCTION pms.post_cash IS
'Add entries, at most one of each account, to its cash and its balance. It must be locked.';

CREATE OR REPLACE FUNCTION pms.cash_sides(asked pms.cash_request)
RETURNS TABLE (account text, counter_account text, amount numeric)
LANGUAGE sql
IMMUTABLE
AS $$
SELECT
    asked.account,
    asked.to_account,
    CASE WHEN asked.kind IN ('withdrawal', 'transfer') THEN -asked.amount ELSE asked.amount END
UNION ALL
SELECT asked.to_account, asked.account, asked.amount
WHERE asked.to_account IS NOT NULL
$$;

COMMENT ON FUNCTION pms.cash_sides IS
'The accounts that a movement of cash concerns, with the signed amount of each.';

CREATE OR REPLACE FUNCTION pms.record_cash(asked pms.cash_request, trace_id text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_recorded_at CONSTANT timestamptz := pms.lock_cash(ARRAY[asked.account, asked.to_account]);
    v_outcome text;
BEGIN
    SELECT CASE
        WHEN bool_and(
            e.id IS NOT NULL
            AND (e.kind, e.currency, e.amount) = (asked.kind, asked.currency, s.amount)
            AND e.counter_account IS NOT DISTINCT FROM s.counter_account
            AND e.effective_at = coalesce(asked.effective_at, e.effective_at)
        )
            THEN 'duplicate'
        ELSE 'conflict'
    END
    INTO v_outcome
    FROM pms.cash_sides(asked) s
    LEFT JOIN pms.cash_entries e ON s.account = e.account AND asked.identity = e.identity
    HAVING count(e.id) > 0;

    IF v_outcome IS NOT NULL THEN
        RETURN v_outcome;
    END IF;

    PERFORM pms.post_cash(ARRAY(
        SELECT (
            s.account, NULL, asked.identity, asked.kind, asked.currency, s.amount,
            s.counter_account, coalesce(asked.effective_at, v_recorded_at), v_recorded_at, NULL,
            record_cash.trace_id
        )::pms.cash_entries
        FROM pms.cash_sides(asked) s
    ));
    RETURN 'applied';
END
$$;

COMMENT ON FUNCTION pms.record_cash IS $$Record a movement of cash, once

Answers applied; duplicate when the same was recorded before; conflict when its identity belongs to
another movement of one of the accounts. Only applied changes anything.$$;

CREATE OR REPLACE FUNCTION pms.bust_cash(account text, identity text, trace_id text)
RETURNS text
LANGUAGE plpgsql
AS $$
DECLARE
    v_accounts CONSTANT text[] := (
        SELECT ARRAY[e.account, e.counter_account]
        FROM pms.cash_entries e
        WHERE e.account = bust_cash.account
            AND e.identity = bust_cash.identity
            AND e.busts IS NULL
    );
    v_recorded_at timestamptz;
    v_busts pms.cash_entries[];
BEGIN
    IF v_accounts IS NULL THEN
        RETURN 'not_found';
    END IF;

    -- The other account of a transfer must be in scope as well.
    PERFORM pms.require_in_scope(a.account) FROM unnest(v_accounts) a (account);
    PERFORM pms.require_own_accounts(v_accounts);
    v_recorded_at := pms.lock_cash(v_accounts);
    v_busts := ARRAY(
        SELECT (
            e.account, NULL, 'bust:' || e.identity, e.kind, e.currency, -e.amount,
            e.counter_account, e.effective_at, v_recorded_at, e.id, bust_cash.trace_id
        )::pms.cash_entries
        FROM pms.cash_entries e
        WHERE e.account = ANY(v_accounts)
            AND e.identity = bust_cash.identity
            AND NOT EXISTS (
                SELECT 1
                FROM pms.cash_entries b
                WHERE b.account = e.account
                    AND b.busts = e.id
            )
    );
    PERFORM pms.post_cash(v_busts);
    RETURN CASE WHEN v_busts = '{}' THEN 'duplicate' ELSE 'applied' END;
END
$$;

COMMENT ON FUNCTION pms.bust_cash IS
$$Undo a movement of cash by opposite entries, in both accounts of a transfer

They have the moment of what they undo, and are known from now on. Answers applied; duplicate
when it was undone before; not_found.

Refuses with:
- 403 FORBIDDEN when the key is bound to other accounts than these
- 409 and 421 as pms.require_own_accounts$$;
