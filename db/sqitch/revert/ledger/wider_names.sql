-- Fails where a name needs the wider rule.
BEGIN;

ALTER TABLE pms.instruments
DROP CONSTRAINT instruments_asset_is_symbol,
DROP CONSTRAINT instruments_quote_is_currency,
DROP CONSTRAINT instruments_settlement_is_currency,
ADD CONSTRAINT instruments_asset_is_symbol CHECK (asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
ADD CONSTRAINT instruments_quote_is_currency CHECK (quote_currency ~ '^[A-Z0-9]{2,16}$'),
ADD CONSTRAINT instruments_settlement_is_currency CHECK (settlement_currency ~ '^[A-Z0-9]{2,16}$'),
DROP COLUMN base_currency,
ADD COLUMN base_currency text GENERATED ALWAYS AS (
    CASE
        WHEN right(asset, length(quote_currency)) = quote_currency
            THEN nullif(rtrim(left(asset, -length(quote_currency)), '-_.'), '')
    END
) STORED;

ALTER TABLE pms.legs
DROP CONSTRAINT legs_account_is_name,
ADD CONSTRAINT legs_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');

ALTER TABLE pms.positions
DROP CONSTRAINT positions_account_is_name,
ADD CONSTRAINT positions_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');

ALTER TABLE pms.capital
DROP CONSTRAINT capital_account_is_name,
ADD CONSTRAINT capital_account_is_name CHECK (account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$');

ALTER TABLE pms.limits
DROP CONSTRAINT limits_account_is_name,
DROP CONSTRAINT limits_asset_is_symbol,
ADD CONSTRAINT limits_account_is_name
CHECK (account = '*' OR account ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
ADD CONSTRAINT limits_asset_is_symbol
CHECK (asset = '*' OR asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
DROP COLUMN id,
ADD COLUMN id text NOT NULL GENERATED ALWAYS AS (
    CASE
        WHEN asset <> '*' THEN 'asset/'
        WHEN account <> '*' THEN 'account/'
        ELSE 'portfolio/'
    END
    || CASE WHEN account = '*' THEN '' ELSE account || '/' END
    || CASE WHEN asset = '*' THEN '' ELSE asset || '/' END
    || metric
) STORED;

ALTER TABLE pms.api_keys
DROP CONSTRAINT api_keys_account_scope_is_names,
ADD CONSTRAINT api_keys_account_scope_is_names CHECK (
    array_to_string(account_scope, ',', '?')
    ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}(,[A-Za-z0-9][A-Za-z0-9._-]{0,63})*$'
);

COMMIT;
