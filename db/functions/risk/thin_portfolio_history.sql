CREATE OR REPLACE FUNCTION pms.thin_portfolio_history(progress jsonb DEFAULT NULL)
RETURNS pms.job_step
LANGUAGE plpgsql
AS $$
DECLARE
    c_most CONSTANT bigint := 20000;
    c_every_minute CONSTANT interval := interval '7 days';
    c_quarter CONSTANT interval := interval '15 minutes';
    c_origin CONSTANT timestamptz := timestamptz '2000-01-01Z';
    v_before timestamptz := coalesce(
        (progress ->> 'before')::timestamptz,
        date_bin(c_quarter, now() - c_every_minute, c_origin)
    );
    v_since timestamptz := (
        -- From the first row on; of a history that is younger than a week nothing is due.
        SELECT least(
            greatest(
                e.thinned_before,
                coalesce(date_bin(c_quarter, min(m.began_at), c_origin), v_before)
            ),
            v_before
        )
        FROM pms.portfolio_history_extent e
        LEFT JOIN pms.equity_marks m ON TRUE
        GROUP BY e.thinned_before
    );
    v_until timestamptz := least(v_since + interval '1 day', v_before);
    v_deleted bigint;
    v_total bigint;
    v_step pms.job_step;
BEGIN
    -- Not merged into the deletion, whose estimate is worse (ADR 0002).
    WITH superseded AS MATERIALIZED (
        SELECT h.account, h.recorded_at
        FROM pms.equity_marks m
        CROSS JOIN LATERAL (
            SELECT
                k.account,
                k.recorded_at,
                lead(k.recorded_at) OVER (ORDER BY k.recorded_at) AS next_at
            FROM pms.portfolio_history k
            WHERE k.account = m.account
                AND k.recorded_at >= v_since
                AND k.recorded_at < v_until
        ) h
        WHERE h.next_at < date_bin(c_quarter, h.recorded_at, c_origin) + c_quarter
            -- The equity with which an account began.
            AND h.recorded_at <> m.began_at
        LIMIT c_most
    )

    DELETE FROM pms.portfolio_history h
    USING superseded s
    WHERE h.account = s.account
        AND h.recorded_at = s.recorded_at
        AND h.recorded_at >= v_since
        AND h.recorded_at < v_until;

    GET DIAGNOSTICS v_deleted = ROW_COUNT;
    v_total := coalesce((progress ->> 'deleted')::bigint, 0) + v_deleted;

    IF v_deleted < c_most THEN
        UPDATE pms.portfolio_history_extent e
        SET thinned_before = v_until
        WHERE e.thinned_before < v_until;
    END IF;

    IF v_deleted = c_most OR v_until < v_before THEN
        v_step.progress := jsonb_build_object('before', v_before, 'deleted', v_total);
    END IF;

    v_step.done := format('%s rows from before %s deleted', v_total, pms.time_text(v_before));
    RETURN v_step;
END
$$;

COMMENT ON FUNCTION pms.thin_portfolio_history IS
$$Reduce the portfolio history older than a week to the last row of each quarter hour (UTC)

A job, in steps of up to a day of the history and 20000 rows. The totals at the end of a quarter
hour, and so of a day, stay exact, and peak_net_pnl holds the peaks of deleted rows. The first row of
an account stays.$$;
