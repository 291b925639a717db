CREATE OR REPLACE FUNCTION pms.load_settings(wanted jsonb)
RETURNS void
LANGUAGE sql
AS $$
WITH loaded AS (
    UPDATE pms.settings s
    SET snapshot_interval = w.snapshot_interval,
        snapshot_retention = w.snapshot_retention,
        validation_interval = w.validation_interval,
        verification_interval = w.verification_interval,
        verification_period = w.verification_period,
        use_ws_avg_price = w.use_ws_avg_price,
        avg_price_diff_threshold = w.avg_price_diff_threshold,
        size_validation_threshold = w.size_validation_threshold,
        price_staleness_threshold = w.price_staleness_threshold,
        price_jump_limit = w.price_jump_limit,
        price_event_interval = w.price_event_interval,
        price_retention = w.price_retention,
        clock_skew_limit = w.clock_skew_limit,
        venue_adoption_delay = w.venue_adoption_delay,
        unknown_instruments = w.unknown_instruments,
        portfolio_history_interval = w.portfolio_history_interval,
        portfolio_history_retention = w.portfolio_history_retention,
        portfolio_max_exposure_usdt = w.portfolio_max_exposure_usdt,
        rejected_retention = w.rejected_retention,
        rejected_max_bytes = w.rejected_max_bytes,
        event_retention = w.event_retention,
        audit_retention = w.audit_retention,
        audit_max_bytes = w.audit_max_bytes,
        record_retention = w.record_retention,
        record_max_bytes = w.record_max_bytes,
        checkpoint_retention = w.checkpoint_retention,
        rate_limit_enabled = w.rate_limit_enabled,
        rate_limit_default = w.rate_limit_default,
        rate_limit_overrides = w.rate_limit_overrides,
        compat = w.compat,
        time_zone = pms.resolve_time_zone(w.time_zone),
        reporting_currency = upper(w.reporting_currency)
    FROM pms.settings held
    CROSS JOIN LATERAL jsonb_populate_record(
        held,
        -- The environment counts retention in days; a bare number of an interval is seconds.
        load_settings.wanted || jsonb_strip_nulls(
            jsonb_build_object(
                'snapshot_retention',
                (load_settings.wanted ->> 'snapshot_retention_days')::integer * interval '1 day',
                'price_event_interval',
                (load_settings.wanted ->> 'price_event_interval_ms')::integer
                * interval '1 millisecond',
                'price_retention',
                (load_settings.wanted ->> 'price_retention_days')::integer * interval '1 day',
                'portfolio_history_retention',
                (load_settings.wanted ->> 'portfolio_history_retention_days')::integer
                * interval '1 day',
                'rejected_retention',
                (load_settings.wanted ->> 'rejected_retention_days')::integer * interval '1 day',
                'event_retention',
                (load_settings.wanted ->> 'event_retention_days')::integer * interval '1 day',
                'audit_retention',
                (load_settings.wanted ->> 'audit_retention_days')::integer * interval '1 day',
                'record_retention',
                (load_settings.wanted ->> 'record_retention_days')::integer * interval '1 day',
                'checkpoint_retention',
                (load_settings.wanted ->> 'checkpoint_retention_days')::integer * interval '1 day'
            )
        )
    ) w
    RETURNING s.portfolio_max_exposure_usdt AS max_exposure_usdt
),

gone AS (
    DELETE FROM pms.limits l
    USING loaded n
    WHERE n.max_exposure_usdt IS NULL
        AND l.source = 'settings'
)

-- One of the limits like any other. What an operator has set beside it stays, where it can.
INSERT INTO pms.limits AS l (metric, breach_level, source)
SELECT 'gross_exposure', n.max_exposure_usdt, 'settings'
FROM loaded n
WHERE n.max_exposure_usdt IS NOT NULL
ON CONFLICT ON CONSTRAINT limits_pkey DO UPDATE
SET breach_level = excluded.breach_level,
    warn_level = least(l.warn_level, excluded.breach_level),
    clear_level = least(l.clear_level, excluded.breach_level),
    source = excluded.source,
    updated_at = now()
WHERE (l.breach_level, l.source) IS DISTINCT FROM (excluded.breach_level, excluded.source)
$$;

COMMENT ON FUNCTION pms.load_settings IS $$Load the settings of the environment, at deploy

wanted: names of contract.md, section 3, in lower case without prefix; intervals in seconds
(…_retention_days in days, …_interval_ms in milliseconds). A name that is missing keeps its value.
portfolio_max_exposure_usdt is kept as a row of pms.limits. Raises 23514 when a value is out of its
range, PT400 when there is no such time_zone.$$;
