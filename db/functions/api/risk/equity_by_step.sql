CREATE OR REPLACE FUNCTION api.equity_by_step(
    from_time timestamptz DEFAULT now() - interval '1 day',
    to_time timestamptz DEFAULT now(),
    step interval DEFAULT '1 hour',
    account text DEFAULT NULL
)
RETURNS TABLE (
    at timestamptz,
    equity_usdt numeric,
    capital_usdt numeric,
    net_pnl_usdt numeric,
    exposure_usdt numeric,
    complete boolean
)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    v_account CONSTANT text := coalesce(
        CASE
            WHEN pms.in_scope('*')
                THEN coalesce(pms.require_account(equity_by_step.account), '*')
        END,
        pms.resolve_account(equity_by_step.account)
    );
BEGIN
    IF (
        isfinite(equity_by_step.from_time) AND isfinite(equity_by_step.to_time)
        AND equity_by_step.step >= INTERVAL '1 minute'
    ) IS NOT TRUE
    THEN
        RAISE SQLSTATE 'PT400' USING
            MESSAGE = 'no such grid can be',
            DETAIL = format(
                'from %s to %s by %s', equity_by_step.from_time, equity_by_step.to_time,
                equity_by_step.step
            ),
            HINT = 'A grid has two times and a step of a minute or more.';
    END IF;

    RETURN QUERY
    SELECT
        g.at,
        trim_scale(coalesce(h.capital + h.net_pnl, 0)),
        trim_scale(coalesce(h.capital, 0)),
        trim_scale(coalesce(h.net_pnl, 0)),
        trim_scale(coalesce(h.exposure, 0)),
        coalesce(h.complete, TRUE)
    FROM generate_series(
            equity_by_step.from_time, equity_by_step.to_time, equity_by_step.step
        ) g (at)
    LEFT JOIN LATERAL pms.history_at(v_account, g.at) h ON TRUE
    ORDER BY g.at;
END
$$;

COMMENT ON FUNCTION api.equity_by_step IS $$Show the equity at every step between two times

At each moment the newest row of api.portfolio_history at or before it, as known then; 0 before the
first. By default the last 24 hours. Without account: over all accounts, or the account that the key
is bound to. For the equity at the end of days by event time, see api.pnl_by_day.

Refuses with:
- 400 `no such grid can be`
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.equity_by_step TO pms_reader, pms_trader, pms_operator, pms_analyst;
