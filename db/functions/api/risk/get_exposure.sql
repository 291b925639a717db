CREATE OR REPLACE FUNCTION pms.subject_json(subject text, t pms.portfolio_total)
RETURNS jsonb
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_body CONSTANT jsonb := jsonb_build_object(
        'complete', t.complete,
        'unpriced', t.unpriced,
        'assumed_instruments', t.assumed_instruments,
        'stale_rates', pms.stale_rates(t.converted)
    );
BEGIN
    IF subject = 'exposure' THEN
        RETURN v_body || jsonb_build_object(
            'total_exposure_usdt', pms.decimal_text(t.exposure_usdt)
        );
    END IF;

    RETURN v_body || jsonb_build_object(
        'total_unrealized_pnl_usdt', pms.decimal_text(t.unrealized_pnl_usdt),
        'total_realized_pnl_usdt', pms.decimal_text(t.realized_pnl_usdt),
        'total_pnl_usdt', pms.decimal_text(t.total_pnl_usdt),
        'realized_net_usdt', pms.decimal_text(t.realized_pnl_usdt - t.funding_usdt),
        'fees_usdt', pms.decimal_text(t.fees_paid_usdt),
        'funding_usdt', pms.decimal_text(t.funding_usdt),
        'net_pnl_usdt', pms.decimal_text(t.net_pnl_usdt)
    );
END
$$;

COMMENT ON FUNCTION pms.subject_json IS
'A total as the contract writes its exposure, or its pnl.';

CREATE OR REPLACE FUNCTION pms.summarize_portfolio(
    subject text,
    account text,
    currency text,
    book text,
    is_by_book boolean
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
    v_account text := asked.value ->> 'account';
    v_currency text;
    v_summary pms.portfolio_summary;
    v_body jsonb;
    v_members text;
BEGIN
    asked.objections := coalesce(
        asked.objections,
        CASE WHEN is_by_book THEN pms.account_objection(v_account, asked.value ->> 'book') END
    );
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_book(v_account, asked.value ->> 'book', is_by_book);
    v_currency := pms.reporting_currency(asked.value ->> 'currency');
    v_summary := pms.current_summary(v_account);
    v_body := pms.subject_json(subject, v_summary.total)
        || jsonb_build_object('calculated_at', pms.time_text(clock_timestamp()));
    v_members := '"by_asset": ' || v_summary.by_asset;
    IF is_by_book THEN
        v_members := concat(v_members, ', "by_book": ', (
            SELECT coalesce(jsonb_object_agg(b.book, pms.subject_json(subject, b.total)), '{}')
            FROM pms.totals_by_book(v_account, NULL, NULL, NULL) b
        ));
    END IF;

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

subject: exposure or pnl; book: see pms.require_book; is_by_book: of one account, with by_book:
the totals of each book. Limits are not judged. currency: see pms.reporting_json.$$;

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
    RETURN pms.summarize_portfolio('exposure', account, currency, book, FALSE);
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
            ('by', 'pnl_grouping', unit), ('tz', 'time_zone', time_zone),
            ('from', 'time', from_time), ('to', 'time', to_time), ('limit', 'limit', page_limit)
        ]::pms.argument[]);
    END IF;

    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    IF asked.value ->> 'by' <> 'book' THEN
        RETURN api.get_pnl_by_period(
            unit => unit, time_zone => time_zone, account => account, from_time => from_time,
            to_time => to_time, page_limit => page_limit, currency => currency, book => book
        );
    END IF;

    RETURN pms.summarize_portfolio(
        'pnl', account, currency, book, asked.value ->> 'by' IS NOT DISTINCT FROM 'book'
    );
END
$$;

COMMENT ON FUNCTION api.get_pnl IS $$Show profit and loss

Without account: over all accounts; book: of a book of the account, or of main. by_asset,
complete, unpriced and stale_rates are those of the portfolio. currency: as api.get_portfolio.
unit: book, for by_book with the totals of each book: the answer is about the account then, without
one about main or the only account of the key; day, week or month: by period, as
api.get_pnl_by_period, which has the other arguments.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts$$;

GRANT EXECUTE ON FUNCTION api.get_pnl TO pms_reader, pms_trader, pms_operator;
