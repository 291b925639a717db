CREATE OR REPLACE FUNCTION pms.history_points(
    account text,
    step interval,
    since timestamptz,
    until timestamptz
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
BEGIN
    RETURN (
        SELECT coalesce(
            jsonb_agg(
                jsonb_build_object(
                    'at', pms.time_text(g.at),
                    'equity_usdt', pms.decimal_text(h.capital + h.net_pnl),
                    'peak_equity_usdt', pms.decimal_text(h.capital + h.peak_net_pnl),
                    'drawdown_usdt', pms.decimal_text(h.peak_net_pnl - h.net_pnl),
                    'net_pnl_usdt', pms.decimal_text(h.net_pnl),
                    'exposure_usdt', pms.decimal_text(h.exposure),
                    'net_exposure_usdt', pms.decimal_text(h.net_exposure),
                    'complete', h.complete
                )
                ORDER BY g.at
            ),
            '[]'
        )
        FROM (
            SELECT s.at
            FROM generate_series(since, until, step) s (at)
            UNION
            SELECT until
        ) g (at)
        CROSS JOIN LATERAL pms.history_at(coalesce(history_points.account, '*'), g.at) h
    );
END
$$;

COMMENT ON FUNCTION pms.history_points IS $$The totals of an account at each step of a span

And at its end. Null as account: of all together. There is no point before the first totals.$$;

CREATE OR REPLACE FUNCTION api.get_history(
    account text DEFAULT NULL,
    unit text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    c_most CONSTANT integer := 1000;
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('account', 'account', account),
        ('by', 'step', unit),
        ('from', 'time', from_time),
        ('to', 'time', to_time),
        ('book', 'account', book)
    ]::pms.argument[]);
    v_scope text[] := pms.account_scope();
    v_account text := asked.value ->> 'account';
    v_book text := asked.value ->> 'book';
    v_unit text := coalesce(asked.value ->> 'by', 'hour');
    v_step interval := ('1 ' || v_unit)::interval;
    v_until timestamptz := least((asked.value ->> 'to')::timestamptz, now());
    v_since timestamptz := coalesce(
        (asked.value ->> 'from')::timestamptz,
        v_until - CASE v_unit WHEN 'day' THEN interval '90 days' ELSE interval '7 days' END
    );
BEGIN
    -- The history has no sum over some of the accounts.
    asked.objections := coalesce(asked.objections, pms.account_objection(v_account, v_book));
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF v_until - v_since > c_most * v_step THEN
        RETURN pms.validation_error(jsonb_build_object(
            'from', format('must be at most %s %ss before to', c_most, v_unit)
        ));
    END IF;

    v_account := pms.require_book(
        coalesce(v_account, CASE WHEN v_book IS NULL THEN v_scope[1] END), v_book
    );
    RETURN jsonb_build_object(
        'account', pms.base_account(v_account),
        'by', v_unit,
        'points', pms.history_points(
            v_account, v_step,
            -- The first full hour or day.
            date_trunc(v_unit, v_since + v_step - interval '1 microsecond', 'UTC'),
            v_until
        )
    ) || CASE WHEN v_book IS NOT NULL THEN jsonb_build_object('book', v_book) ELSE '{}' END;
END
$$;

COMMENT ON FUNCTION api.get_history IS $$Show equity, PnL, exposure and drawdown over time

Oldest first: a point for each full hour or day (UTC), and one for to_time. Without unit: hour;
without account: of all accounts together; book: of a book of the account, or of main, since it
began. from_time defaults to 7 days before to_time, or 90 for
days; to_time to now, also when it is later. As recorded at the time: see api.portfolio_history.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_history TO pms_reader, pms_trader, pms_operator;
