COMMENT ON TABLE pms.settings IS
'What an operator may tune: one row, loaded from the environment at deploy.';
COMMENT ON COLUMN pms.settings.verification_interval IS
'How often the whole ledger is folded again and compared with what is stored.';
COMMENT ON COLUMN pms.settings.avg_price_diff_threshold IS
'Ratio; the venue''s average replaces ours when it differs by more (0.001 = 0.1 %).';
COMMENT ON COLUMN pms.settings.size_validation_threshold IS
'Quantity; a size difference to the venue strictly above it is a discrepancy.';
COMMENT ON COLUMN pms.settings.price_staleness_threshold IS
'A mark price strictly older than this is stale: still used, and said so.';
COMMENT ON COLUMN pms.settings.price_retention IS
'The price history by minutes is kept for so long: as far back there are values as of a moment.';
COMMENT ON COLUMN pms.settings.venue_adoption_delay IS
'So long a position that only the venue knows may still be explained by a fill on its way.';
COMMENT ON COLUMN pms.settings.portfolio_history_interval IS
'How often the totals of every account are kept.';
COMMENT ON COLUMN pms.settings.portfolio_history_retention IS
'The history of the totals is kept for so long.';
COMMENT ON COLUMN pms.settings.portfolio_max_exposure_usdt IS
'Gross exposure above it sets limit_exceeded; null is no limit.';
COMMENT ON COLUMN pms.settings.rate_limit_enabled IS
'Whether the gateway counts requests at all.';
COMMENT ON COLUMN pms.settings.rate_limit_default IS
'Requests a minute for a key of no known tier, and for an address without a key.';
COMMENT ON COLUMN pms.settings.rate_limit_overrides IS
'Requests a minute by the name of a key or of a tier.';
COMMENT ON COLUMN pms.settings.clock_skew_limit IS
'A message dated further in the future than this is rejected: it would block all that follow.';
COMMENT ON COLUMN pms.settings.worker_silence_limit IS
'A worker part silent for longer counts as not connected in health.';

COMMENT ON SCHEMA pms IS 'The ledger, the rules and what only the service itself may touch.';

COMMENT ON SCHEMA api IS $$Position Manager

Positions, exposure and PnL of the trading desk: views are nouns, functions are verbs.$$;

-- Anonymous requests need pms for one thing: the check of their key.
GRANT USAGE ON SCHEMA pms TO pms_anon, pms_worker;

GRANT USAGE ON SCHEMA api TO pms_anon, pms_reader, pms_trader, pms_operator, pms_analyst;
