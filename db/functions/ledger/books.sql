-- The legs of a book are folded beside those of its account: see pms.book_account.

-- In PL/pgSQL, which keeps the plan, as whatever each fill of a book calls.
CREATE OR REPLACE FUNCTION pms.with_book_legs(keys pms.leg_key[], is_every boolean)
RETURNS pms.leg_key[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN with_book_legs.keys || ARRAY(
        SELECT (b.book_account, k.asset, k.mode, k.leg)::pms.leg_key
        FROM unnest(with_book_legs.keys) k
        CROSS JOIN LATERAL (
            SELECT s.book, pms.book_account(s.account, s.book) AS book_account
            FROM pms.books s
            WHERE s.account = k.account
                AND (s.book = pms.unassigned_book() OR with_book_legs.is_every)
        ) b
        WHERE b.book = pms.unassigned_book()
            OR EXISTS (
                SELECT 1
                FROM pms.positions p
                WHERE (p.account, p.asset, p.mode, p.leg)
                    = (b.book_account, k.asset, k.mode, k.leg)
            )
    );
END
$$;

COMMENT ON FUNCTION pms.with_book_legs IS $$Legs, with those of the books of their accounts

With that of pms.unassigned_book(), which may have to bear something, even where it has to be
created. is_every: with all that exist, where a fill of any book may be voided.$$;

CREATE OR REPLACE FUNCTION pms.has_new_books(legs pms.leg_key[])
RETURNS boolean
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        -- A book has many legs.
        FROM (SELECT DISTINCT u.account FROM unnest(legs) u) k
        WHERE NOT EXISTS (
            SELECT 1
            FROM pms.books b
            WHERE (b.account, b.book) = (pms.base_account(k.account), pms.book_of(k.account))
        )
    );
END
$$;

COMMENT ON FUNCTION pms.has_new_books IS
'Whether one of these legs is of a book that is not known.';

CREATE OR REPLACE FUNCTION pms.legs_to_book(legs pms.leg_key[])
RETURNS pms.leg_key[]
LANGUAGE sql
STABLE
AS $$
WITH undivided AS (
    SELECT DISTINCT pms.base_account(k.account) AS account
    FROM unnest(legs_to_book.legs) k
    WHERE pms.is_book(k.account)
        AND NOT EXISTS (SELECT 1 FROM pms.books b WHERE b.account = pms.base_account(k.account))
)

SELECT ARRAY(
    SELECT (b.account, l.asset, l.mode, l.leg)::pms.leg_key
    FROM (
        SELECT k.account, k.asset, k.mode, k.leg FROM unnest(legs_to_book.legs) k
        UNION
        SELECT g.account, g.asset, g.mode, g.leg
        FROM undivided u
        INNER JOIN pms.legs g ON u.account = g.account
    ) l
    INNER JOIN undivided u ON l.account = u.account
    CROSS JOIN LATERAL (
        VALUES (u.account), (pms.book_account(u.account, pms.unassigned_book()))
    ) b (account)
)
$$;

COMMENT ON FUNCTION pms.legs_to_book IS
$$The legs to lock where the first book of an account divides it

legs: those of a batch, among them those of books. Returns all legs of the accounts that have no
book yet, with those of pms.unassigned_book(), which take their history.$$;

CREATE OR REPLACE FUNCTION pms.copy_entries(keys pms.leg_key[])
RETURNS void
LANGUAGE sql
AS $$
-- Ids in the order of the originals: entries of one instant are folded in it. Read several times
-- (ADR 0002).
WITH copy AS MATERIALIZED (
    SELECT o.*, nextval('pms.entry_ids') AS copy_id
    FROM (
        SELECT e.*, u.account AS copy_account, u.leg_id AS copy_leg
        FROM unnest(copy_entries.keys) k
        INNER JOIN pms.legs u
            ON (k.account, k.asset, k.mode, k.leg) = (u.account, u.asset, u.mode, u.leg)
        CROSS JOIN LATERAL pms.entries_of_leg(
            pms.base_account(k.account), k.asset, k.mode, k.leg
        ) e
        WHERE e.executed_at >= pms.ledger_begins_at()
        ORDER BY e.id
    ) o
),

copied AS (
    INSERT INTO pms.entries (
        id, executed_at, recorded_at, version, identity_key, leg_id, order_key, occurrence,
        kind, scheme, source, quantity, price, fee, identity, order_id, trace_id, fee_currency,
        fee_native, fee_rate, amount, realized, amends, cause, counter_account, closing_price,
        closing_source, book
    )
    SELECT
        c.copy_id, e.executed_at, e.recorded_at, e.version,
        pms.identity_key(c.copy_account, c.identity), c.copy_leg,
        pms.order_key(c.copy_account, e.order_id), e.occurrence, e.kind, e.scheme, e.source,
        e.quantity, e.price, e.fee, e.identity, e.order_id, e.trace_id, e.fee_currency,
        e.fee_native, e.fee_rate, e.amount, e.realized, e.amends, e.cause, e.counter_account,
        e.closing_price, e.closing_source, e.book
    FROM copy c
    INNER JOIN pms.entries e ON c.id = e.id
),

voided AS (
    INSERT INTO pms.voids (entry_id, cause, amendment, recorded_at, source, trace_id)
    SELECT c.copy_id, v.cause, v.amendment, v.recorded_at, v.source, v.trace_id
    FROM copy c
    INNER JOIN pms.voids v ON c.id = v.entry_id
),

unconverted AS (
    INSERT INTO pms.unconverted_fees (account, asset, mode, leg, fees)
    SELECT k.account, k.asset, k.mode, k.leg, f.fees
    FROM unnest(copy_entries.keys) k
    INNER JOIN pms.unconverted_fees f
        ON (pms.base_account(k.account), k.asset, k.mode, k.leg)
            = (f.account, f.asset, f.mode, f.leg)
)

INSERT INTO pms.checkpoints (
    account, asset, mode, leg, executed_at, entry_id, known_from, known_to, ordinal, version,
    recorded_at, state
)
SELECT
    c.copy_account, p.asset, p.mode, p.leg, p.executed_at, c.copy_id, p.known_from, p.known_to,
    p.ordinal, p.version, p.recorded_at, p.state
FROM copy c
INNER JOIN pms.checkpoints p
    ON (c.account, c.asset, c.mode, c.leg, c.executed_at, c.id)
        = (p.account, p.asset, p.mode, p.leg, p.executed_at, p.entry_id)
UNION ALL
-- What archived entries brought forward.
SELECT
    k.account, p.asset, p.mode, p.leg, p.executed_at, p.entry_id, p.known_from, p.known_to,
    p.ordinal, p.version, p.recorded_at, p.state
FROM unnest(copy_entries.keys) k
INNER JOIN pms.checkpoints p
    ON (pms.base_account(k.account), k.asset, k.mode, k.leg) = (p.account, p.asset, p.mode, p.leg)
WHERE p.executed_at < pms.ledger_begins_at()
$$;

COMMENT ON FUNCTION pms.copy_entries IS
$$Give legs of books the whole history of the legs of their accounts

keys: those of books, locked and without entries. Entries, voids and checkpoints keep their times,
so that what was known at a moment is known of the book as well.$$;

CREATE OR REPLACE FUNCTION pms.copy_legs(keys pms.leg_key[])
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    v_exposures pms.exposure_change[];
BEGIN
    WITH copied AS (
        UPDATE pms.positions u
        SET size = p.size,
            cost = p.cost,
            realized = p.realized,
            fees_open = p.fees_open,
            fees_close = p.fees_close,
            funding = p.funding,
            opened_at = p.opened_at,
            closed_at = p.closed_at,
            last_executed_at = p.last_executed_at,
            current_price = p.current_price,
            exposure = p.exposure,
            version = p.version,
            entries = p.entries,
            checkpointed = p.checkpointed,
            updated_at = p.updated_at,
            entered_at = p.entered_at
        FROM unnest(keys) k
        INNER JOIN pms.positions p
            ON (pms.base_account(k.account), k.asset, k.mode, k.leg)
                = (p.account, p.asset, p.mode, p.leg)
        WHERE (u.account, u.asset, u.mode, u.leg) = (k.account, k.asset, k.mode, k.leg)
        RETURNING u.account, u.asset, u.exposure
    )

    SELECT array_agg((c.account, i.settlement_currency, c.exposure)::pms.exposure_change)
    INTO v_exposures
    FROM copied c
    INNER JOIN pms.instruments i ON c.asset = i.asset;

    PERFORM pms.add_exposures(v_exposures);
END
$$;

COMMENT ON FUNCTION pms.copy_legs IS
'Give the rows of legs of books the state of the legs of their accounts: see pms.copy_entries.';

CREATE OR REPLACE FUNCTION pms.begin_books(books text[], recorded_at timestamptz)
RETURNS void
LANGUAGE plpgsql
AS $$
DECLARE
    -- Before the insertion below.
    v_first CONSTANT text[] := ARRAY(
        SELECT DISTINCT pms.base_account(n.book)
        FROM unnest(books) n (book)
        WHERE NOT EXISTS (
                SELECT 1 FROM pms.books b WHERE b.account = pms.base_account(n.book)
            )
    );
    v_copies CONSTANT pms.leg_key[] := ARRAY(
        SELECT (
            pms.book_account(l.account, pms.unassigned_book()), l.asset, l.mode, l.leg
        )::pms.leg_key
        FROM pms.legs l
        WHERE l.account = ANY(v_first)
    );
BEGIN
    INSERT INTO pms.books (account, book, created_at)
    SELECT pms.base_account(n.book), pms.book_of(n.book), begin_books.recorded_at
    FROM unnest(books) n (book)
    UNION
    SELECT f.account, pms.unassigned_book(), begin_books.recorded_at
    FROM unnest(v_first) f (account)
    ON CONFLICT ON CONSTRAINT books_pkey DO NOTHING;

    IF v_first <> '{}' THEN
        -- The copies are in the periods of the originals.
        PERFORM pms.reopen_closed_periods();
        PERFORM pms.copy_entries(v_copies);
        PERFORM pms.copy_legs(v_copies);
    END IF;
END
$$;

COMMENT ON FUNCTION pms.begin_books IS $$Begin books, unless they have begun

books: as pms.book_account has them. The first book of an account divides it: the history that it
has is in pms.unassigned_book() from then on. pms.amendments must be locked in EXCLUSIVE MODE,
and all legs of pms.legs_to_book: no entry of the account comes in between.$$;

CREATE OR REPLACE FUNCTION pms.book_of_fill(
    account text,
    identity text,
    named text
)
RETURNS text
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    (
        SELECT m.to_book
        FROM pms.book_moves m
        WHERE (m.account, m.identity) = (book_of_fill.account, book_of_fill.identity)
        ORDER BY m.recorded_at DESC
        LIMIT 1
    ),
    book_of_fill.named,
    pms.unassigned_book()
)
$$;

COMMENT ON FUNCTION pms.book_of_fill IS
$$The book in which a fill counts: the one it was moved to last, else the one it named

identity: as first recorded. named: the book that it named, or null.$$;

CREATE OR REPLACE FUNCTION pms.moved_identity(move_id text, identity text)
RETURNS text
LANGUAGE sql
IMMUTABLE
RETURN concat_ws(':', 'moved', move_id, identity);

COMMENT ON FUNCTION pms.moved_identity IS
'The identity that an entry has in the book that it was moved to.';

CREATE OR REPLACE FUNCTION pms.entries_of_books(entries pms.ledger_entries[])
RETURNS pms.ledger_entries[]
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN ARRAY(
        SELECT pms.new_entry(
            account => pms.book_account(
                n.account, CASE
                    WHEN n.amends IS NULL THEN coalesce(n.book, pms.unassigned_book())
                    ELSE pms.book_of_fill(n.account, n.amends, n.book)
                END
            ),
            asset => n.asset,
            mode => n.mode,
            leg => n.leg,
            kind => n.kind,
            identity => n.identity,
            quantity => n.quantity,
            executed_at => n.executed_at,
            recorded_at => n.recorded_at,
            source => n.source,
            trace_id => n.trace_id,
            order_id => n.order_id,
            price => n.price,
            fee => n.fee,
            fee_currency => n.fee_currency,
            fee_native => n.fee_native,
            fee_rate => n.fee_rate,
            amount => n.amount,
            amends => n.amends,
            counter_account => n.counter_account,
            book => n.book
        )
        FROM unnest(entries_of_books.entries) WITH ORDINALITY n
        WHERE n.kind IN ('trade', 'funding', 'transfer')
            AND EXISTS (SELECT 1 FROM pms.books b WHERE b.account = n.account)
        ORDER BY n.ordinality
    );
END
$$;

COMMENT ON FUNCTION pms.entries_of_books IS
$$The entries that accounts with books make in one of their books: the same, beside them

Not of statements, which are about the account as a whole (see pms.shares_due), nor of corporate
actions, of which every leg has an entry.$$;

CREATE OR REPLACE FUNCTION pms.moves_whole(kind text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
RETURN kind IN ('opening', 'adjustment') OR pms.is_action(kind);

COMMENT ON FUNCTION pms.moves_whole IS
'Whether an entry of this kind does something else to an account than to its books together.';

CREATE OR REPLACE FUNCTION pms.entries_in_books(account text, identity text)
RETURNS SETOF pms.ledger_entries
LANGUAGE sql
STABLE
AS $$
SELECT e.*
FROM pms.books b
CROSS JOIN LATERAL (
    SELECT entries_in_books.identity AS identity
    UNION ALL
    SELECT pms.moved_identity(m.move_id, entries_in_books.identity)
    FROM pms.book_moves m
    WHERE m.account = entries_in_books.account
        AND m.identity = coalesce(
            (
                SELECT f.amends
                FROM pms.find_entry(entries_in_books.account, entries_in_books.identity) f
            ),
            entries_in_books.identity
        )
) i
CROSS JOIN LATERAL pms.find_entry(pms.book_account(b.account, b.book), i.identity) e
WHERE b.account = entries_in_books.account
    AND NOT EXISTS (SELECT 1 FROM pms.voids x WHERE x.entry_id = e.id)
$$;

COMMENT ON FUNCTION pms.entries_in_books IS
'What the books of an account have of one of its entries, where it counts: at most one.';

CREATE OR REPLACE FUNCTION pms.voids_of_books(
    voids pms.entry_void[],
    entries pms.ledger_entries[]
)
RETURNS pms.entry_void[]
LANGUAGE sql
STABLE
AS $$
SELECT ARRAY(
    SELECT (
        o.account, v.asset, v.mode, v.leg, v.executed_at, o.identity, v.cause, v.amendment,
        v.recorded_at, v.source, v.trace_id
    )::pms.entry_void
    FROM unnest(voids_of_books.voids) v
    CROSS JOIN LATERAL (
        SELECT e.account, e.identity
        FROM pms.entries_in_books(v.account, v.identity) e
        UNION
        -- Of the same batch.
        SELECT n.account, n.identity
        FROM unnest(voids_of_books.entries) n
        WHERE pms.base_account(n.account) = v.account
            AND n.identity = v.identity
    ) o
    -- Each leg has its own entry of a corporate action.
    WHERE v.identity NOT LIKE 'action:%'
)
$$;

COMMENT ON FUNCTION pms.voids_of_books IS
$$The voids of what accounts with books have in one of their books, beside their own

entries: those of pms.entries_of_books that come with the voids.$$;

CREATE OR REPLACE FUNCTION pms.shares_due(
    entries pms.ledger_entries[],
    changes pms.leg_change[]
)
RETURNS pms.ledger_entries[]
LANGUAGE sql
STABLE
AS $$
WITH touched AS (
    SELECT
        b.account, u.asset, u.mode, u.leg,
        pms.book_account(b.account, b.book) AS unassigned,
        min(u.since) AS since,
        max(u.recorded_at) AS recorded_at,
        max(u.trace_id) AS trace_id
    FROM (
        SELECT c.account, c.asset, c.mode, c.leg, c.since, c.recorded_at, c.trace_id
        FROM unnest(shares_due.changes) c
        UNION ALL
        SELECT n.account, n.asset, n.mode, n.leg, n.executed_at, n.recorded_at, n.trace_id
        FROM unnest(shares_due.entries) n
        WHERE pms.moves_whole(n.kind)
    ) u
    INNER JOIN pms.books b
        ON b.account = pms.base_account(u.account) AND b.book = pms.unassigned_book()
    -- A caller that posts shares asks again.
    WHERE NOT EXISTS (
            SELECT 1 FROM unnest(shares_due.entries) n
            WHERE (n.account, n.asset, n.mode, n.leg) = (u.account, u.asset, u.mode, u.leg)
                AND n.identity LIKE 'share:%'
        )
    GROUP BY b.account, b.book, u.asset, u.mode, u.leg
),

side AS (
    SELECT t.*, t.account AS side, 1 AS factor
    FROM touched t
    UNION ALL
    SELECT t.*, pms.book_account(b.account, b.book), -1
    FROM touched t
    INNER JOIN pms.books b ON t.account = b.account
),

moment AS (
    SELECT DISTINCT s.account, s.asset, s.mode, s.leg, e.executed_at
    FROM side s
    CROSS JOIN LATERAL pms.entries_of_leg(s.side, s.asset, s.mode, s.leg) e
    WHERE e.executed_at >= s.since
        AND (pms.moves_whole(e.kind) OR e.identity LIKE 'share:%')
),

-- What the account has and its books together have not.
missing AS (
    SELECT
        s.account, s.unassigned, s.asset, s.mode, s.leg, s.recorded_at, s.trace_id, m.executed_at,
        sum(s.factor * (h.state).size) AS size,
        sum(s.factor * ((h.state).realized - (h.state).cost)) AS balance,
        sum(s.factor * (h.state).funding) AS funding
    FROM moment m
    INNER JOIN side s USING (account, asset, mode, leg)
    CROSS JOIN LATERAL pms.leg_state_at(s.side, s.asset, s.mode, s.leg, m.executed_at) h
    GROUP BY
        s.account, s.unassigned, s.asset, s.mode, s.leg, s.recorded_at, s.trace_id, m.executed_at
)

SELECT ARRAY(
    SELECT pms.new_entry(
        account => d.unassigned,
        asset => d.asset,
        mode => d.mode,
        leg => d.leg,
        kind => k.kind,
        identity => concat_ws(
            ':', 'share', d.asset, d.mode, d.leg, extract(EPOCH FROM d.executed_at), (
                SELECT count(*)
                FROM pms.entries_of_leg(d.unassigned, d.asset, d.mode, d.leg) e
                WHERE e.executed_at = d.executed_at
                    AND e.identity LIKE 'share:%'
            ), k.kind
        ),
        quantity => k.quantity,
        amount => k.amount,
        executed_at => d.executed_at,
        -- A leg changes once in a moment, and renames lead from leg to leg.
        recorded_at => greatest(d.recorded_at, (
            SELECT max(p.updated_at) FROM pms.positions p WHERE p.account = d.unassigned
        ) + interval '1 microsecond'),
        source => 'validation',
        trace_id => d.trace_id,
        counter_account => d.account
    )
    -- The first of each leg only: what follows it may depend on it.
    FROM (
        SELECT DISTINCT ON (m.account, m.asset, m.mode, m.leg) m.*
        FROM missing m
        WHERE (m.size, m.balance, m.funding) <> (0, 0, 0)
        ORDER BY m.account, m.asset, m.mode, m.leg, m.executed_at
    ) d
    CROSS JOIN LATERAL (
        VALUES
        ('transfer', d.size, -d.balance, (d.size, d.balance) <> (0, 0)),
        ('funding', 0, d.funding, d.funding <> 0)
    ) k (kind, quantity, amount, is_due)
    WHERE k.is_due
)
$$;

COMMENT ON FUNCTION pms.shares_due IS
$$What the books of accounts lack of what entries, or changes of the past, did to the whole

At the first moment of each leg at which they lack some. A statement (an opening, an adjustment)
sets what the account has, whatever came before; a corporate action rounds the account and each
book apart. What the books have less, pms.unassigned_book() receives: a transfer of that size and
value, so that at every moment the sum of the books is the account, in size, in realized PnL less
cost, and in funding. The entries must be stored and the legs of the books locked, as
pms.lock_legs does. Empty when nothing is lacking: call it again once these are posted.$$;
