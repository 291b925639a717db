BEGIN;

CREATE TABLE pms.prices (
    asset text NOT NULL,
    mark_price numeric NOT NULL,
    priced_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    source text NOT NULL,
    trace_id text,

    CONSTRAINT prices_pkey PRIMARY KEY (asset),
    CONSTRAINT prices_mark_in_range CHECK (abs(mark_price) < 1e20 AND scale(mark_price) <= 18)
);

-- The rate of a currency is the price of its asset against USDT; see pms.usdt_rates.
CREATE INDEX prices_currency_idx
ON pms.prices (left(asset, -4)) WHERE asset LIKE '_%USDT' AND asset <> 'USDTUSDT';

COMMIT;
