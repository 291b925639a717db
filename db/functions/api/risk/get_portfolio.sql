CREATE OR REPLACE FUNCTION pms.limit_json(u pms.limit_state)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'id', (u).id,
    'scope', (u).scope,
    'account', pms.base_account((u).account),
    'book', pms.book_of((u).account),
    'asset', (u).asset,
    'metric', (u).metric,
    'limit', pms.decimal_text((u).breach_level),
    'warn', pms.decimal_text((u).warn_level)
);

COMMENT ON FUNCTION pms.limit_json IS $$A limit as the contract writes it, without its use

limit is the level of a breach, warn (or null) that of a warning.$$;

CREATE OR REPLACE FUNCTION pms.limit_usage_json(u pms.limit_state)
RETURNS jsonb
LANGUAGE sql
STABLE
RETURN jsonb_build_object(
    'value', pms.decimal_text((u).value),
    'utilisation', pms.decimal_text((u).utilisation),
    'level', (u).level
);

COMMENT ON FUNCTION pms.limit_usage_json IS 'How far a limit is used, as the contract writes it.';

CREATE OR REPLACE FUNCTION pms.limited_totals(
    legs pms.priced_leg[],
    account text,
    as_of timestamptz,
    known_at timestamptz
)
RETURNS pms.portfolio_total[]
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    -- A limit of all accounts has their value, also beside one of them.
    v_legs pms.priced_leg[] := CASE
        WHEN limited_totals.account IS NOT NULL AND pms.in_scope('*')
            THEN pms.select_legs(limited_totals.as_of, limited_totals.known_at, NULL)
        WHEN pms.is_book(limited_totals.account) IS NOT TRUE
            THEN limited_totals.legs
    END;
BEGIN
    RETURN ARRAY(SELECT t FROM pms.portfolio_totals(v_legs) t)
        || ARRAY(
            SELECT b
            FROM pms.limited_book_totals(limited_totals.as_of, limited_totals.known_at) b
        );
END
$$;

COMMENT ON FUNCTION pms.limited_totals IS
$$The totals that the limits of a request are judged by

legs: those of the request, which is about account.$$;

CREATE OR REPLACE FUNCTION pms.portfolio_by_book(
    account text,
    asset text,
    as_of timestamptz,
    known_at timestamptz
)
RETURNS jsonb
LANGUAGE sql
STABLE
AS $$
SELECT coalesce(
    jsonb_object_agg(
        b.book,
        pms.portfolio_json_at(
            b.total, coalesce(portfolio_by_book.as_of, 'infinity'),
            coalesce(portfolio_by_book.known_at, 'infinity')
        )
    ),
    '{}'
)
FROM pms.totals_by_book(
        portfolio_by_book.account, portfolio_by_book.asset, portfolio_by_book.as_of,
        portfolio_by_book.known_at
    ) b
$$;

COMMENT ON FUNCTION pms.portfolio_by_book IS
'The totals of pms.totals_by_book, as the contract writes a portfolio.';

CREATE OR REPLACE FUNCTION api.get_portfolio(
    include_positions text DEFAULT NULL,
    asset text DEFAULT NULL,
    account text DEFAULT NULL,
    as_of text DEFAULT NULL,
    known_at text DEFAULT NULL,
    currency text DEFAULT NULL,
    book text DEFAULT NULL,
    grouping_by text DEFAULT NULL
)
RETURNS api."application/json"
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = ''
AS $$
DECLARE
    asked pms.arguments := pms.parse_arguments(ARRAY[
        ('include_positions', 'flag', include_positions),
        ('asset', 'asset', asset),
        ('account', 'account', account),
        ('as_of', 'time', as_of),
        ('known_at', 'time', known_at),
        ('currency', 'currency', currency),
        ('book', 'account', book),
        ('by', 'grouping', grouping_by)
    ]::pms.argument[]);
    v_asset text := asked.value ->> 'asset';
    v_as_of timestamptz := (asked.value ->> 'as_of')::timestamptz;
    v_known_at timestamptz := (asked.value ->> 'known_at')::timestamptz;
    v_is_by_book CONSTANT boolean := asked.value ->> 'by' IS NOT NULL;
    v_account text := asked.value ->> 'account';
    v_currency text;
    v_shows_positions boolean;
    v_has_limits boolean;
    v_legs pms.priced_leg[];
    v_totals pms.portfolio_total[];
    v_summary pms.portfolio_summary;
    v_at timestamptz;
    v_portfolio jsonb;
    v_members text;
BEGIN
    asked.objections := coalesce(
        asked.objections,
        CASE WHEN v_is_by_book THEN pms.account_objection(v_account, asked.value ->> 'book') END
    );
    IF asked.objections IS NOT NULL THEN
        RETURN pms.validation_error(asked.objections);
    END IF;

    v_account := pms.require_book(v_account, asked.value ->> 'book', v_is_by_book);
    v_currency := pms.reporting_currency(asked.value ->> 'currency');
    v_at := least(v_as_of, now());
    v_shows_positions := coalesce((asked.value ->> 'include_positions')::boolean, FALSE);
    v_has_limits := EXISTS (SELECT 1 FROM pms.limits);
    IF coalesce(v_asset, v_as_of::text, v_known_at::text) IS NULL THEN
        v_summary := pms.current_summary(v_account);
    END IF;

    IF v_summary IS NULL OR v_shows_positions OR v_has_limits THEN
        v_legs := pms.select_legs(v_as_of, v_known_at, v_account);
    END IF;

    IF v_summary IS NULL THEN
        v_summary := pms.summarize_legs(v_legs, v_account, v_asset);
    END IF;

    IF v_has_limits THEN
        v_totals := pms.limited_totals(v_legs, v_account, v_as_of, v_known_at);
    END IF;

    SELECT
        pms.portfolio_json_at(
            v_summary.total, coalesce(v_as_of, 'infinity'), coalesce(v_known_at, 'infinity')
        )
        || jsonb_build_object(
            'limit_exceeded', coalesce(bool_or(u.level = 'breach'), FALSE),
            'calculated_at', pms.time_text(clock_timestamp())
        )
        || pms.equity_json(v_summary.total, v_account, v_as_of, v_known_at)
        || pms.as_of_json(v_as_of, v_known_at),
        concat(
            '"limits": ',
            coalesce(jsonb_agg(pms.limit_json(u) || pms.limit_usage_json(u)), '[]'),
            ', "by_asset": ', v_summary.by_asset
        )
    INTO v_portfolio, v_members
    -- A limit is on all that is held: it is not used less when one asset is asked for.
    FROM pms.account_limits(v_totals, v_account, least(v_as_of, v_known_at)) u;

    IF v_shows_positions THEN
        v_members := concat(v_members, ', "positions": [', (
            SELECT string_agg(pms.position_text(p), ',' ORDER BY p.asset, p.mode, p.account)
            FROM pms.positions_from_legs(v_legs, v_at) p
            WHERE v_asset IS NULL
                OR p.asset = v_asset
        ), ']');
    END IF;

    IF v_is_by_book THEN
        v_members := concat(v_members, ', "by_book": ', pms.portfolio_by_book(
            v_account, v_asset, v_as_of, v_known_at
        ));
    END IF;

    IF v_currency IS NOT NULL THEN
        v_members := concat(v_members, ', "reporting": ', pms.reporting_json(
            v_portfolio, v_summary, v_currency, pms.accounts_of(v_account), v_asset, v_as_of,
            v_known_at
        ));
    END IF;

    RETURN pms.with_members(v_portfolio, v_members);
END
$$;

COMMENT ON FUNCTION api.get_portfolio IS $$Show the portfolio: totals, counts, each asset

Without account: over all accounts; book: of a book of the account, or of main. grouping_by:
book, for by_book with the totals of each book: the answer is about the account then, without one
about main or the only account of the key. complete is false when a position
without a price or a rate to USDT is left out; unpriced names its asset. stale_rates:
the currencies whose rate was stale when it was used. equity_usdt is cash_usdt + net PnL and
return time-weighted where there are cash entries, else capital + net PnL and net PnL / capital;
they are null when asset is given, return also without either. missing_rates: currencies of cash
that are left out, complete is false then. limits shows the utilization of each limit,
limit_exceeded whether one is breached: the limits of the account and of all accounts, each with
the value of its own scope whatever account or asset is given; to a key that is bound to
accounts, only those of its accounts. An unknown asset or account is an empty portfolio. as_of:
as it was then, by the current limits; known_at: as it was known then; a future time means now.
The answer carries both when one is given. currency: reporting has the amounts in it, see
pms.reporting_json; null is reporting_currency of the settings. In USDT there is no such member.

Refuses with:
- 400 VALIDATION_ERROR when an argument is out of its range; details name it and the range
- 403 FORBIDDEN when the key is bound to other accounts
- 409 CONFLICT when as_of or known_at lies in a period that is archived$$;

GRANT EXECUTE ON FUNCTION api.get_portfolio TO pms_reader, pms_trader, pms_operator;
