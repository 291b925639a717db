CREATE OR REPLACE FUNCTION pms.purge_price_bars(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 20000;
    v_since timestamptz := coalesce(
        (progress ->> 'since')::timestamptz,
        (SELECT now() - s.price_retention FROM pms.settings s)
    );
    v_forgotten bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Asset by asset, along the key: the whole history is never read. In the order in which
    -- prices are merged, so that neither waits for the other in turn (ADR 0002).
    WITH old AS MATERIALIZED (
        SELECT o.asset, o.minute
        FROM pms.prices m
        CROSS JOIN LATERAL (
            SELECT h.asset, h.minute
            FROM pms.price_bars h
            WHERE h.asset = m.asset
                AND h.minute < v_since
            ORDER BY h.minute
            FOR UPDATE SKIP LOCKED
        ) o
        LIMIT c_most
    )

    DELETE FROM pms.price_bars h
    USING old o
    WHERE h.asset = o.asset
        AND h.minute = o.minute;

    GET DIAGNOSTICS v_forgotten = ROW_COUNT;
    v_total := coalesce((progress ->> 'forgotten')::bigint, 0) + v_forgotten;

    IF v_forgotten = c_most THEN
        v_step.progress := jsonb_build_object('since', v_since, 'forgotten', v_total);
    END IF;

    v_step.done := format(
        '%s minutes of prices from before %s forgotten', v_total, pms.time_text(v_since)
    );
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.purge_price_bars IS $$Delete the price history beyond price_retention

A job, in steps of 20000 minutes. The newest price of an asset stays, however old.$$;
