BEGIN;

CREATE TABLE pms.price_bars (
    asset text NOT NULL,
    minute timestamptz NOT NULL,  -- noqa: RF04
    open_price numeric NOT NULL,
    open_at timestamptz NOT NULL,
    open_recorded_at timestamptz NOT NULL,
    high_price numeric NOT NULL,
    low_price numeric NOT NULL,
    close_price numeric NOT NULL,
    close_at timestamptz NOT NULL,
    close_recorded_at timestamptz NOT NULL,

    CONSTRAINT price_bars_pkey PRIMARY KEY (asset, minute),
    CONSTRAINT price_bars_in_their_minute CHECK (
        minute <= open_at AND open_at <= close_at AND close_at < minute + interval '1 minute'
    ),
    CONSTRAINT price_bars_range_holds CHECK (
        low_price <= least(open_price, close_price)
        AND greatest(open_price, close_price) <= high_price
    ),
    CONSTRAINT price_bars_in_range CHECK (abs(low_price) < 1e20 AND abs(high_price) < 1e20)
)
-- The minute that runs is written with every batch: its row needs room beside it.
WITH (fillfactor = 80);

COMMIT;
