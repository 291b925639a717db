-- Fails where there are books.
BEGIN;

ALTER TABLE pms.entries DROP CONSTRAINT entries_kind_is_whole;

ALTER TABLE pms.entries
ADD CONSTRAINT entries_kind_is_whole CHECK (
    CASE
        WHEN kind IN ('t', 'x')
            THEN quantity <> 0 AND realized IS NULL AND (price IS NOT NULL OR amount IS NOT NULL)
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
);

ALTER TABLE pms.legs
DROP CONSTRAINT legs_account_is_name,
ADD CONSTRAINT legs_account_is_name CHECK (
    length(account) BETWEEN 1 AND 64
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.positions
DROP CONSTRAINT positions_account_is_name,
ADD CONSTRAINT positions_account_is_name CHECK (
    length(account) BETWEEN 1 AND 64
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.limits
DROP CONSTRAINT limits_account_is_name,
ADD CONSTRAINT limits_account_is_name CHECK (
    account = '*'
    OR length(account) BETWEEN 1 AND 64
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.entries DROP COLUMN book;

DROP TABLE pms.book_moves;

DROP TABLE pms.books;

COMMIT;
