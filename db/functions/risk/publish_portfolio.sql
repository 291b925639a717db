CREATE OR REPLACE FUNCTION pms.publish_portfolio()
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_reading pms.portfolio_reading := pms.read_portfolio('announcement', clock_timestamp());
    v_since CONSTANT timestamptz := pms.limits_read_at();
    v_totals jsonb;
BEGIN
    IF v_reading.totals IS NULL THEN
        RETURN FALSE;
    END IF;

    PERFORM pms.store_reading('{announcement,limits}', v_reading);
    PERFORM pms.record_breaches(v_reading.limits, v_since);
    v_totals := pms.portfolio_json(pms.total_of(v_reading.totals, NULL, NULL)) || jsonb_build_object(
        'limit_exceeded', EXISTS (SELECT 1 FROM unnest(v_reading.limits) u WHERE u.level = 'breach')
    );

    INSERT INTO pms.portfolio_announcement AS a (totals)
    VALUES (v_totals)
    ON CONFLICT ON CONSTRAINT portfolio_announcement_pkey DO UPDATE
    SET totals = excluded.totals
    WHERE a.totals <> excluded.totals;

    IF NOT FOUND THEN
        RETURN FALSE;
    END IF;

    PERFORM pms.publish_events(ARRAY[(
        'portfolio', 'all', 'portfolio_updated', NULL,
        v_totals || jsonb_build_object('occurred_at', pms.time_text(clock_timestamp()))
    )::pms.outbox_event]);
    RETURN TRUE;
END
$$;

COMMENT ON FUNCTION pms.publish_portfolio IS
$$Publish portfolio_updated if a total has changed since the last one

And limit_breached or limit_cleared, where a limit is newly breached or holds again. Returns whether
a total had changed. The caller sets the rate: changes between two calls are in one event.$$;

GRANT EXECUTE ON FUNCTION pms.publish_portfolio TO pms_worker;
