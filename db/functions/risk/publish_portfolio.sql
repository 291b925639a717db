CREATE OR REPLACE FUNCTION pms.publish_portfolio()
RETURNS boolean
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_portfolio jsonb := pms.portfolio_json(pms.current_legs(NULL), NULL, NULL);
    v_totals jsonb := v_portfolio - '{calculated_at,by_asset,limits}'::text[];
BEGIN
    PERFORM pms.record_breaches(v_portfolio -> 'limits');

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

COMMENT ON FUNCTION pms.publish_portfolio IS $$Leave portfolio_updated in the outbox if need be

And limit_breached or limit_cleared, where a limit has just been passed or holds again. True when a
total has changed since the last one. How often it is called is how often subscribers hear of it;
what has changed in between is in the next one.$$;

GRANT EXECUTE ON FUNCTION pms.publish_portfolio TO pms_worker;
