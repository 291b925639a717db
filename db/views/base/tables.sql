COMMENT ON TABLE pms.settings IS
'Tunables of the operator, one row, loaded from the environment at deploy.';
COMMENT ON COLUMN pms.settings.verification_interval IS
'Interval at which the stored rows of changed legs are compared with the fold of their entries.';
COMMENT ON COLUMN pms.settings.verification_period IS
'Time in which every stored row is compared once with the fold of all its entries.';
COMMENT ON COLUMN pms.settings.avg_price_diff_threshold IS
'Ratio; the venue''s average replaces ours when it differs by more (0.001 = 0.1 %).';
COMMENT ON COLUMN pms.settings.size_validation_threshold IS
'Quantity; a size difference to the venue strictly above it is a discrepancy.';
COMMENT ON COLUMN pms.settings.price_staleness_threshold IS
'A mark price strictly older than this is reported as stale, and still used.';
COMMENT ON COLUMN pms.settings.price_jump_limit IS
'Ratio; a price that differs from the stored one by more is held until confirmed; 0: off.';
COMMENT ON COLUMN pms.settings.price_event_interval IS
'Smallest time between two marks of a stored position, and their events; 0: every price.';
COMMENT ON COLUMN pms.settings.price_retention IS
'Retention of the one-minute price bars; limits how far back as_of has values.';
COMMENT ON COLUMN pms.settings.venue_adoption_delay IS
'Grace period before a position that only the venue reports is adopted.';
COMMENT ON COLUMN pms.settings.unknown_instruments IS
'assume: an instrument without a definition is linear, in USDT; refuse: its fills are rejected.';
COMMENT ON COLUMN pms.settings.portfolio_history_interval IS
'Interval at which the totals of every account are recorded.';
COMMENT ON COLUMN pms.settings.portfolio_history_retention IS
'Retention of the recorded totals.';
COMMENT ON COLUMN pms.settings.portfolio_max_exposure_usdt IS
'Gross exposure above it sets limit_exceeded; null: no limit.';
COMMENT ON COLUMN pms.settings.rate_limit_enabled IS
'Whether the gateway limits requests per minute.';
COMMENT ON COLUMN pms.settings.rate_limit_default IS
'Requests per minute for a key of no known tier, and for an address without a key.';
COMMENT ON COLUMN pms.settings.rate_limit_overrides IS
'Requests per minute by name of a key or tier.';
COMMENT ON COLUMN pms.settings.time_zone IS
'IANA name of the time zone in which the periods of PnL begin.';
COMMENT ON COLUMN pms.settings.reporting_currency IS
'Currency in which totals are shown beside USDT; USDT: in no other.';
COMMENT ON COLUMN pms.settings.clock_skew_limit IS
'A message dated further in the future is rejected: it would block all that follow.';
COMMENT ON COLUMN pms.settings.rejected_retention IS
'Retention of rejected messages and of conflicts that flag no position.';
COMMENT ON COLUMN pms.settings.rejected_max_bytes IS
'Bytes of rejected messages that are kept of each feed, and of conflicts.';
COMMENT ON COLUMN pms.settings.event_retention IS
'Retention of the log of events.';
COMMENT ON COLUMN pms.settings.audit_retention IS
'Retention of the audit log.';
COMMENT ON COLUMN pms.settings.audit_max_bytes IS
'Size of the audit log above which its oldest months, then its oldest rows are deleted.';
COMMENT ON COLUMN pms.settings.record_retention IS
'Retention of the records in pms.record_tables that are over.';
COMMENT ON COLUMN pms.settings.record_max_bytes IS
'Size of each of these tables above which its oldest records are deleted.';
COMMENT ON COLUMN pms.settings.checkpoint_retention IS
'Retention of the checkpoints that no fold needs.';
COMMENT ON COLUMN pms.settings.compat IS
'Whether the tables of the schema compat are kept.';
COMMENT ON COLUMN pms.settings.worker_silence_limit IS
'A part of the worker silent for longer counts as disconnected in health.';

COMMENT ON TABLE pms.deployed_version IS
'The version of the code in the database, and since when.';

COMMENT ON SCHEMA pms IS 'The ledger and its rules, private to the service.';

COMMENT ON SCHEMA api IS $$Position Manager

Positions, exposure and PnL of the trading desk: views are nouns, functions are verbs.$$;

-- Anonymous requests need pms for one thing: the check of their key.
GRANT USAGE ON SCHEMA pms TO pms_anon, pms_worker, pms_stream;

GRANT USAGE ON SCHEMA api
TO pms_anon, pms_session, pms_reader, pms_trader, pms_operator, pms_analyst;
