-- A book is ACCOUNT|BOOK: its limits name both. The table is short.
BEGIN;

ALTER TABLE pms.limits
DROP COLUMN scope,
DROP COLUMN id,
ADD COLUMN scope text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN strpos(account, '|') > 0 THEN 'book'
        WHEN asset <> '*' THEN 'asset'
        WHEN account <> '*' THEN 'account'
        ELSE 'portfolio'
    END
) STORED,
ADD COLUMN id text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN strpos(account, '|') > 0 THEN 'book/'
        WHEN asset <> '*' THEN 'asset/'
        WHEN account <> '*' THEN 'account/'
        ELSE 'portfolio/'
    END
    || CASE
        WHEN account = '*' THEN ''
        ELSE replace(replace(account, '/', '%2F'), '|', '/') || '/'
    END
    || CASE WHEN asset = '*' THEN '' ELSE replace(asset, '/', '%2F') || '/' END
    || metric
) STORED;

COMMIT;
