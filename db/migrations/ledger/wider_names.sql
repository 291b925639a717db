-- The service decides more strictly what a name is. These keep out what would need escapes in
-- JSON or command a terminal. The tables are short.
BEGIN;

ALTER TABLE pms.instruments
DROP CONSTRAINT instruments_asset_is_symbol,
DROP CONSTRAINT instruments_quote_is_currency,
DROP CONSTRAINT instruments_settlement_is_currency,
ADD CONSTRAINT instruments_asset_is_symbol CHECK (
    length(asset) BETWEEN 1 AND 64
    AND asset = btrim(asset)
    AND asset ~ (
        '^[A-Z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
),
ADD CONSTRAINT instruments_quote_is_currency CHECK (
    length(quote_currency) BETWEEN 1 AND 64
    AND quote_currency = btrim(quote_currency)
    AND quote_currency ~ (
        '^[A-Z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
),
ADD CONSTRAINT instruments_settlement_is_currency CHECK (
    length(settlement_currency) BETWEEN 1 AND 64
    AND settlement_currency = btrim(settlement_currency)
    AND settlement_currency ~ (
        '^[A-Z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

-- Of BTC/USDT:USDT as of BTC-USDT, BTC.
ALTER TABLE pms.instruments
DROP COLUMN base_currency,
ADD COLUMN base_currency text GENERATED ALWAYS AS (
    nullif(
        rtrim(
            CASE
                WHEN right(
                        coalesce(substring(asset FROM '^([^/:]+/[^/:]+):'), asset),
                        length(quote_currency)
                    )
                    = quote_currency
                    THEN left(
                            coalesce(substring(asset FROM '^([^/:]+/[^/:]+):'), asset),
                            -length(quote_currency)
                        )
            END,
            '-_./: '
        ),
        ''
    )
) STORED;

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

ALTER TABLE pms.capital
DROP CONSTRAINT capital_account_is_name,
ADD CONSTRAINT capital_account_is_name CHECK (
    length(account) BETWEEN 1 AND 64
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

ALTER TABLE pms.limits
DROP CONSTRAINT limits_account_is_name,
DROP CONSTRAINT limits_asset_is_symbol,
ADD CONSTRAINT limits_account_is_name CHECK (
    account = '*'
    OR length(account) BETWEEN 1 AND 64
    AND account = btrim(account)
    AND account ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
),
ADD CONSTRAINT limits_asset_is_symbol CHECK (
    asset = '*'
    OR length(asset) BETWEEN 1 AND 64
    AND asset = btrim(asset)
    AND asset ~ (
        '^[A-Z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]+$'
    )
);

-- A / within a name is %2F, so that no two limits have one id.
ALTER TABLE pms.limits
DROP COLUMN id,
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

ALTER TABLE pms.api_keys
DROP CONSTRAINT api_keys_account_scope_is_names,
ADD CONSTRAINT api_keys_account_scope_is_names CHECK (
    array_to_string(account_scope, ',', '?') ~ (
        '^[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]{1,64}'
        '(,[A-Za-z0-9._:/@=^&+# '
        '\u00aa-\u1fff\u2070-\ufdff\ufe20-\ufefe\uff00-\uffef\U00010000-\U000dffff-]{1,64})*$'
    )
);

COMMIT;
