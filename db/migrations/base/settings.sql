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

COMMIT;
