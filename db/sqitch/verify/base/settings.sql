SELECT
    only_row,
    snapshot_interval,
    snapshot_retention,
    validation_interval,
    verification_interval,
    use_ws_avg_price,
    avg_price_diff_threshold,
    size_validation_threshold,
    price_staleness_threshold,
    price_retention,
    venue_adoption_delay,
    portfolio_history_interval,
    portfolio_history_retention,
    portfolio_max_exposure_usdt,
    rate_limit_enabled,
    rate_limit_default,
    rate_limit_overrides,
    clock_skew_limit,
    worker_silence_limit
FROM pms.settings
WHERE FALSE;
