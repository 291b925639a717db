COMMENT ON TABLE pms.price_bars IS $$The mark prices of each asset, minute by minute

By the time of the price itself: a late one is merged into its minute. Of two prices of the same
time the open is the one that arrived first, the close the one that arrived last.$$;
COMMENT ON COLUMN pms.price_bars.open_recorded_at IS 'When we learned of the open.';
COMMENT ON COLUMN pms.price_bars.close_recorded_at IS 'When we learned of the close.';

COMMENT ON TABLE pms.prices IS 'The newest mark price of each asset, by the time of the price.';
COMMENT ON COLUMN pms.prices.priced_at IS
'The time of the price itself: an older price never overwrites a newer one.';
COMMENT ON COLUMN pms.prices.source IS
'ticker, venue (a position report), price_api (the fallback of the worker) or api.';
