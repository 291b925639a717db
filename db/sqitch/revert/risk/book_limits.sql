-- Without books a limit of one would be that of an account.
BEGIN;

DELETE FROM pms.limits
WHERE strpos(account, '|') > 0;

ALTER TABLE pms.limits
DROP COLUMN scope,
DROP COLUMN id,
ADD COLUMN scope text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN asset <> '*' THEN 'asset'
        WHEN account <> '*' THEN 'account'
        ELSE 'portfolio'
    END
) STORED,
ADD COLUMN id text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN asset <> '*' THEN 'asset/'
        WHEN account <> '*' THEN 'account/'
        ELSE 'portfolio/'
    END
    || CASE WHEN account = '*' THEN '' ELSE replace(account, '/', '%2F') || '/' END
    || CASE WHEN asset = '*' THEN '' ELSE replace(asset, '/', '%2F') || '/' END
    || metric
) STORED;

COMMIT;
