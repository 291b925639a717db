-- Deploy position_manager:migrations/settings to pg
-- requires: migrations/schemas

BEGIN;

CREATE TABLE pms.settings (
    only_row boolean NOT NULL DEFAULT TRUE,
    snapshot_interval interval NOT NULL DEFAULT '1 hour',
    snapshot_retention interval NOT NULL DEFAULT '365 days',
    validation_interval interval NOT NULL DEFAULT '30 minutes',
    verification_interval interval NOT NULL DEFAULT '5 minutes',
    use_ws_avg_price boolean NOT NULL DEFAULT TRUE,
    avg_price_diff_threshold numeric NOT NULL DEFAULT 0.001,
    size_validation_threshold numeric NOT NULL DEFAULT 0.0001,
    price_staleness_threshold interval NOT NULL DEFAULT '300 seconds',
    price_retention interval NOT NULL DEFAULT '400 days',
    venue_adoption_delay interval NOT NULL DEFAULT '5 seconds',
    portfolio_history_interval interval NOT NULL DEFAULT '1 minute',
    portfolio_history_retention interval NOT NULL DEFAULT '400 days',
    portfolio_max_exposure_usdt numeric,
    rate_limit_enabled boolean NOT NULL DEFAULT TRUE,
    rate_limit_default integer NOT NULL DEFAULT 100,
    rate_limit_overrides jsonb NOT NULL DEFAULT '{}',
    clock_skew_limit interval NOT NULL DEFAULT '1 day',
    worker_silence_limit interval NOT NULL DEFAULT '10 seconds',

    CONSTRAINT settings_pkey PRIMARY KEY (only_row),
    CONSTRAINT settings_has_one_row CHECK (only_row),
    CONSTRAINT settings_snapshot_interval_positive CHECK (snapshot_interval > '0 seconds'),
    CONSTRAINT settings_snapshot_retention_positive CHECK (snapshot_retention > '0 seconds'),
    CONSTRAINT settings_validation_interval_positive CHECK (validation_interval > '0 seconds'),
    CONSTRAINT settings_verification_interval_positive CHECK (verification_interval > '0 seconds'),
    CONSTRAINT settings_avg_price_diff_is_ratio
    CHECK (avg_price_diff_threshold >= 0 AND avg_price_diff_threshold <= 1),
    CONSTRAINT settings_size_threshold_not_negative
    CHECK (size_validation_threshold >= 0 AND size_validation_threshold < 'Infinity'),
    CONSTRAINT settings_price_staleness_positive CHECK (price_staleness_threshold > '0 seconds'),
    CONSTRAINT settings_price_retention_positive CHECK (price_retention > '0 seconds'),
    CONSTRAINT settings_adoption_delay_not_negative CHECK (venue_adoption_delay >= '0 seconds'),
    CONSTRAINT settings_history_interval_positive
    CHECK (portfolio_history_interval > '0 seconds'),
    CONSTRAINT settings_history_retention_positive
    CHECK (portfolio_history_retention > '0 seconds'),
    CONSTRAINT settings_max_exposure_positive
    CHECK (portfolio_max_exposure_usdt > 0 AND portfolio_max_exposure_usdt < 'Infinity'),
    CONSTRAINT settings_rate_limit_in_range CHECK (rate_limit_default BETWEEN 1 AND 1000000),
    CONSTRAINT settings_rate_overrides_are_names
    CHECK (jsonb_typeof(rate_limit_overrides) = 'object'),
    CONSTRAINT settings_clock_skew_positive CHECK (clock_skew_limit > '0 seconds'),
    CONSTRAINT settings_worker_silence_positive CHECK (worker_silence_limit > '0 seconds')
);

INSERT INTO pms.settings DEFAULT VALUES;

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

COMMIT;
