-- Deploy position_manager:migrations/instruments to pg
-- requires: migrations/schemas

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

COMMENT ON TABLE pms.instruments IS $$How a contract is valued

An asset nobody described is assumed linear, multiplier 1, in USDT.$$;
COMMENT ON COLUMN pms.instruments.kind IS
'linear and spot: value = quantity * price * multiplier; inverse: -quantity * multiplier / price.';
COMMENT ON COLUMN pms.instruments.settlement_currency IS 'The currency of cost, PnL and fees.';
COMMENT ON COLUMN pms.instruments.base_currency IS
'What is traded, by the symbol: BTC of BTCUSDT; null when the symbol does not end in the quote.';
COMMENT ON COLUMN pms.instruments.is_assumed IS
'True until somebody has confirmed what the contract is.';

COMMIT;
