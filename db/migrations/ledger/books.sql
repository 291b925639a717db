BEGIN;

CREATE TABLE pms.books (
    account text NOT NULL,
    book text NOT NULL,
    created_at timestamptz NOT NULL,

    CONSTRAINT books_pkey PRIMARY KEY (account, book)
);

CREATE TABLE pms.book_moves (
    account text NOT NULL,
    identity text NOT NULL,
    move_id text NOT NULL,
    from_book text NOT NULL,
    to_book text NOT NULL,
    recorded_at timestamptz NOT NULL,
    trace_id text,

    CONSTRAINT book_moves_pkey PRIMARY KEY (account, move_id),
    CONSTRAINT book_moves_changes_book CHECK (from_book <> to_book)
);

CREATE INDEX book_moves_identity_idx ON pms.book_moves (account, identity, recorded_at);

ALTER TABLE pms.entries ADD COLUMN book text;

-- The positions of a book are those of an account, ACCOUNT|BOOK: no name has a |.
ALTER TABLE pms.legs
DROP CONSTRAINT legs_account_is_name,
ADD CONSTRAINT legs_account_is_name CHECK (
    length(account) BETWEEN 1 AND 129
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# |'
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.positions
DROP CONSTRAINT positions_account_is_name,
ADD CONSTRAINT positions_account_is_name CHECK (
    length(account) BETWEEN 1 AND 129
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# |'
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.limits
DROP CONSTRAINT limits_account_is_name,
ADD CONSTRAINT limits_account_is_name CHECK (
    account = '*'
    OR length(account) BETWEEN 1 AND 129
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# |'
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

-- What a book bears of a statement about its account may be cost alone.
ALTER TABLE pms.entries
ADD CONSTRAINT entries_kind_is_known CHECK (
    CASE
        WHEN kind = 't'
            THEN quantity <> 0 AND realized IS NULL AND (price IS NOT NULL OR amount IS NOT NULL)
        WHEN kind = 'x'
            THEN realized IS NULL
                AND (amount IS NOT NULL OR (quantity <> 0 AND price IS NOT NULL))
        WHEN kind = 'o'
            THEN fee = 0 AND (price IS NOT NULL OR amount IS NOT NULL)
                AND (quantity <> 0 OR (realized IS NOT NULL AND amount = 0))
        WHEN kind IN ('a', 'f')
            THEN amount IS NOT NULL AND realized IS NULL
                AND (kind = 'f' OR (fee = 0 AND (quantity <> 0 OR amount = 0)))
        WHEN kind = 'r' AND quantity <> 0
            THEN amount IS NOT NULL AND realized IS NOT NULL AND fee = 0
        WHEN kind IN ('s', 'r', 'c')
            THEN quantity = 0 AND fee = 0 AND price > 0 AND amount > 0
                AND (kind <> 'c' OR realized > 0)
        WHEN kind IN ('e', 'd')
            THEN quantity = 0 AND fee = 0 AND price IS NOT NULL AND amount IS NULL
                AND realized IS NULL
        ELSE FALSE
    END
) NOT VALID;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries RENAME CONSTRAINT entries_kind_is_known TO entries_kind_is_whole;

COMMIT;

-- In its own transaction: it reads the whole ledger, and no writer waits for it.
ALTER TABLE pms.entries VALIDATE CONSTRAINT entries_kind_is_whole;
