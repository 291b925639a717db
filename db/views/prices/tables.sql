COMMENT ON TABLE pms.price_bars IS $$Mark prices of each asset in bars of one minute

By the time of the price: a late price is merged into its bar. Among prices of the same time the
first to arrive is the open, the last the close.$$;
COMMENT ON COLUMN pms.price_bars.open_recorded_at IS 'When the open was recorded.';
COMMENT ON COLUMN pms.price_bars.close_recorded_at IS 'When the close was recorded.';

COMMENT ON TABLE pms.prices IS 'The newest mark price of each asset, by its own time.';
COMMENT ON COLUMN pms.prices.priced_at IS
'Time of the price: an older price never overwrites a newer one.';
COMMENT ON COLUMN pms.prices.source IS
'ticker, venue (a position report), price_api (fallback of the worker) or api.';
COMMENT ON COLUMN pms.prices.is_marked IS
'Whether all open positions are stored with this price.';
COMMENT ON COLUMN pms.prices.held_price IS
'A price that jumped, until a second one confirms it; see pms.hold_jumps. Null: none.';
COMMENT ON COLUMN pms.prices.held_at IS 'Time of the held price.';
COMMENT ON COLUMN pms.prices.held_since IS 'Since when a price of the asset has been held.';
COMMENT ON COLUMN pms.prices.seen_before IS
'Transactions from this one on read this price; null: not known yet.';

COMMENT ON TABLE pms.price_conversions IS $$Since when the prices of an asset are in other units

A price of before is multiplied and divided to be compared with one of after: by a split, by another
multiplier. A moment keeps the conversions that were known at it.$$;
COMMENT ON COLUMN pms.price_conversions.cause IS
'What changed the units, such as a corporate action.';
COMMENT ON COLUMN pms.price_conversions.known_from IS 'Known from this time on.';
COMMENT ON COLUMN pms.price_conversions.known_to IS 'Known until this time; infinity: current.';
