BEGIN;

CREATE TABLE pms.instruments (
    asset text NOT NULL,
    kind text NOT NULL DEFAULT 'linear',
    multiplier numeric NOT NULL DEFAULT 1,
    quote_currency text NOT NULL DEFAULT 'USDT',
    settlement_currency text NOT NULL DEFAULT 'USDT',
    base_currency text GENERATED ALWAYS AS (
        CASE
            WHEN right(asset, length(quote_currency)) = quote_currency
                THEN nullif(rtrim(left(asset, -length(quote_currency)), '-_.'), '')
        END
    ) STORED,
    allows_negative_price boolean NOT NULL DEFAULT FALSE,
    is_assumed boolean NOT NULL DEFAULT TRUE,
    created_at timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT instruments_pkey PRIMARY KEY (asset),
    CONSTRAINT instruments_asset_is_symbol CHECK (asset ~ '^[A-Z0-9][A-Z0-9._-]{0,31}$'),
    CONSTRAINT instruments_kind_is_known CHECK (kind IN ('linear', 'inverse', 'spot')),
    CONSTRAINT instruments_multiplier_positive CHECK (multiplier > 0 AND multiplier < 'Infinity'),
    CONSTRAINT instruments_quote_is_currency CHECK (quote_currency ~ '^[A-Z0-9]{2,16}$'),
    CONSTRAINT instruments_settlement_is_currency CHECK (settlement_currency ~ '^[A-Z0-9]{2,16}$'),
    -- The value of an inverse contract divides by its price.
    CONSTRAINT instruments_inverse_price_positive
    CHECK (NOT (kind = 'inverse' AND allows_negative_price))
);

COMMIT;
