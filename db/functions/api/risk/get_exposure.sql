CREATE OR REPLACE FUNCTION pms.summarize_portfolio(
    subject text,
    account text,
    currency text,
    book text
)
RETURNS json
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(
        ARRAY[
            ('account', 'account', account), ('currency', 'currency', currency),
            ('book', 'account', book)
        ]::pms.argument[]
    );
    v_account text;
    v_currency text;
    v_summary pms.portfolio_summary;
    v_total pms.portfolio_total;
    v_body jsonb;
    v_members text;
BEGIN
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_book(asked.value ->> 'account', asked.value ->> 'book');
    v_currency := pms.reporting_currency(asked.value ->> 'currency');
    v_summary := pms.current_summary(v_account);
    v_total := v_summary.total;

    v_body := jsonb_build_object(
        'complete', v_total.complete,
        'unpriced', v_total.unpriced,
        'assumed_instruments', v_total.assumed_instruments,
        'stale_rates', pms.stale_rates(v_total.converted),
        'calculated_at', pms.time_text(clock_timestamp())
    );
    IF subject = 'exposure' THEN
        v_body := v_body || jsonb_build_object(
            'total_exposure_usdt', pms.decimal_text(v_total.exposure_usdt)
        );
    ELSE
        v_body := v_body || jsonb_build_object(
            'total_unrealized_pnl_usdt', pms.decimal_text(v_total.unrealized_pnl_usdt),
            'total_realized_pnl_usdt', pms.decimal_text(v_total.realized_pnl_usdt),
            'total_pnl_usdt', pms.decimal_text(v_total.total_pnl_usdt),
            'realized_net_usdt',
            pms.decimal_text(v_total.realized_pnl_usdt - v_total.funding_usdt),
            'fees_usdt', pms.decimal_text(v_total.fees_paid_usdt),
            'funding_usdt', pms.decimal_text(v_total.funding_usdt),
            'net_pnl_usdt', pms.decimal_text(v_total.net_pnl_usdt)
        );
    END IF;

    v_members := '"by_asset": ' || v_summary.by_asset;
    IF v_currency IS NOT NULL THEN
        v_members := concat(v_members, ', "reporting": ', pms.reporting_json(
            v_body, v_summary, v_currency, pms.accounts_of(v_account)
        ));
    END IF;

    RETURN pms.with_members(v_body, v_members);
END
$$;

COMMENT ON FUNCTION pms.summarize_portfolio IS
$$The totals of one subject, over all assets and by asset

subject: exposure or pnl; book: see pms.require_book. Limits are not judged. currency: see
pms.reporting_json.$$;

CREATE OR REPLACE FUNCTION api.get_exposure(
    account text DEFAULT NULL,
    currency text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS api."application/json"
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
BEGIN
    RETURN pms.summarize_portfolio('exposure', account, currency, book);
END
$$;

COMMENT ON FUNCTION api.get_exposure IS $$Show the exposure

Without account: over all accounts; book: of a book of the account, or of main. by_asset,
complete, unpriced and stale_rates are those of the portfolio. currency: as api.get_portfolio.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_exposure TO pms_reader, pms_trader, pms_operator;

CREATE OR REPLACE FUNCTION api.get_pnl(
    account text DEFAULT NULL,
    unit text DEFAULT NULL,
    time_zone text DEFAULT NULL,
    from_time text DEFAULT NULL,
    to_time text DEFAULT NULL,
    page_limit text DEFAULT NULL,
    currency text DEFAULT NULL,
    book text DEFAULT NULL
)
RETURNS api."application/json"
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments;
BEGIN
    -- The contract's request has none of them.
    IF concat(unit, time_zone, from_time, to_time, page_limit) <> '' THEN
        asked := pms.parse_arguments(ARRAY[
            ('by', 'unit', unit), ('tz', 'time_zone', time_zone), ('from', 'time', from_time),
            ('to', 'time', to_time), ('limit', 'limit', page_limit)
        ]::pms.argument[]);
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF asked.value ->> 'by' IS NOT NULL THEN
        RETURN api.get_pnl_by_period(
            unit => unit, time_zone => time_zone, account => account, from_time => from_time,
            to_time => to_time, page_limit => page_limit, currency => currency, book => book
        );
    END IF;

    RETURN pms.summarize_portfolio('pnl', account, currency, book);
END
$$;

COMMENT ON FUNCTION api.get_pnl IS $$Show profit and loss

Without account: over all accounts; book: of a book of the account, or of main. by_asset,
complete, unpriced and stale_rates are those of the portfolio. currency: as api.get_portfolio.
With unit: by period, as api.get_pnl_by_period, which has the other arguments.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_pnl TO pms_reader, pms_trader, pms_operator;
