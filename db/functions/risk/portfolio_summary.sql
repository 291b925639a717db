CREATE OR REPLACE FUNCTION pms.by_asset_member(
    asset text,
    exposure_usdt numeric,
    unrealized_pnl_usdt numeric,
    realized_pnl_usdt numeric,
    size numeric
)
RETURNS text
LANGUAGE sql
STABLE
-- json_build_object takes twice as long. The name of an asset needs no escapes.
RETURN concat(
    '"', asset,
    '":{"exposure_usdt":', pms.decimal_json(exposure_usdt),
    ',"unrealized_pnl_usdt":', pms.decimal_json(unrealized_pnl_usdt),
    ',"realized_pnl_usdt":', pms.decimal_json(realized_pnl_usdt),
    ',"size":', pms.decimal_json(size), '}'
);

COMMENT ON FUNCTION pms.by_asset_member IS
$$The total of an asset as a member of by_asset, as the contract writes it$$;

CREATE OR REPLACE FUNCTION pms.summarize_legs(
    legs pms.priced_leg[],
    account text,
    asset text
)
RETURNS pms.portfolio_summary
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    total pms.portfolio_total := pms.empty_total(account, asset);
    summary pms.portfolio_summary;
BEGIN
    -- Only the columns that are named here are summed (ADR 0002).
    SELECT
        coalesce(sum(t.exposure_usdt), 0),
        coalesce(sum(t.net_exposure_usdt), 0),
        coalesce(sum(t.unrealized_pnl_usdt), 0),
        coalesce(sum(t.realized_pnl_usdt), 0),
        coalesce(sum(t.unrealized_pnl_usdt) + sum(t.realized_pnl_usdt), 0),
        coalesce(sum(t.fees_paid_usdt), 0),
        coalesce(sum(t.funding_usdt), 0),
        coalesce(sum(t.net_pnl_usdt), 0),
        coalesce(sum(t.open_positions_count), 0),
        coalesce(sum(t.long_positions_count), 0),
        coalesce(sum(t.short_positions_count), 0),
        coalesce(sum(t.unconverted_fees), 0),
        coalesce(array_agg(t.asset ORDER BY t.asset) FILTER (WHERE t.unpriced <> '{}'), '{}'),
        coalesce(bool_and(t.complete), TRUE),
        coalesce(
            array_agg(t.asset ORDER BY t.asset) FILTER (WHERE t.assumed_instruments <> '{}'), '{}'
        ),
        -- An asset settles in one currency.
        coalesce(array_agg(t.converted[1]) FILTER (WHERE t.converted <> '{}'), '{}'),
        concat(
            '{',
            string_agg(
                pms.by_asset_member(
                    t.asset, t.exposure_usdt, t.unrealized_pnl_usdt, t.realized_pnl_usdt, t.size
                ),
                ',' ORDER BY t.asset
            ),
            '}'
        )
    INTO
        total.exposure_usdt, total.net_exposure_usdt, total.unrealized_pnl_usdt,
        total.realized_pnl_usdt, total.total_pnl_usdt, total.fees_paid_usdt,
        total.funding_usdt, total.net_pnl_usdt, total.open_positions_count,
        total.long_positions_count, total.short_positions_count, total.unconverted_fees,
        total.unpriced, total.complete, total.assumed_instruments, total.converted,
        summary.by_asset
    FROM pms.sum_positions(legs, summarize_legs.account IS NULL, FALSE) t
    WHERE summarize_legs.asset IS NULL
        OR t.asset = summarize_legs.asset;

    summary.total := total;
    RETURN summary;
END
$$;

COMMENT ON FUNCTION pms.summarize_legs IS
$$The summary of legs: of an account, or null for all; of an asset, or null for all$$;

CREATE OR REPLACE FUNCTION pms.current_summary(account text)
RETURNS pms.portfolio_summary
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_of CONSTANT text := coalesce(
        'account ' || account, 'scope ' || current_setting('pms.account_scope', TRUE), 'scope '
    );
    v_seen_before xid8;
    v_row_count bigint;
    v_has_changes boolean;
    summary pms.portfolio_summary;
BEGIN
    IF v_of = current_setting('pms.summary_of', TRUE) THEN
        v_seen_before := current_setting('pms.summary_seen_before')::xid8;
    END IF;

    SELECT v.row_count, v.has_changes
    INTO v_row_count, v_has_changes
    FROM pms.row_versions(current_summary.account, v_seen_before, FALSE) v;

    IF v_has_changes IS FALSE
        AND v_row_count = current_setting('pms.summary_row_count')::bigint
    THEN
        summary.total := current_setting('pms.summary_total')::pms.portfolio_total;
        summary.by_asset := current_setting('pms.summary_by_asset');
        RETURN summary;
    END IF;

    summary := pms.summarize_legs(
        pms.current_legs(current_summary.account), current_summary.account, NULL
    );
    -- Kept by the session, not by the transaction, which may be read-only. Undone if it rolls back.
    PERFORM
        set_config('pms.summary_of', v_of, FALSE),
        set_config(
            'pms.summary_seen_before', pg_snapshot_xmin(pg_current_snapshot())::text, FALSE
        ),
        set_config('pms.summary_row_count', v_row_count::text, FALSE),
        set_config('pms.summary_total', summary.total::text, FALSE),
        set_config('pms.summary_by_asset', summary.by_asset, FALSE);
    RETURN summary;
END
$$;

COMMENT ON FUNCTION pms.current_summary IS $$The summary of an account as it is now

account: null is all accounts that are in scope. Summed only if a row that it depends on has changed
since this session last summed it, see pms.row_versions (ADR 0012). It depends on nothing else, and
not on the time.$$;

CREATE OR REPLACE FUNCTION pms.totals_by_book(
    account text,
    asset text,
    as_of timestamptz,
    known_at timestamptz
)
RETURNS TABLE (book text, total pms.portfolio_total)
LANGUAGE plpgsql
STABLE
AS $$
DECLARE
    v_account CONSTANT text := pms.resolve_account(account);
BEGIN
    RETURN QUERY
    SELECT b.book, (s.summary).total
    FROM pms.books b
    CROSS JOIN LATERAL (
        SELECT pms.summarize_legs(
            pms.select_legs(
                totals_by_book.as_of, totals_by_book.known_at,
                pms.book_account(b.account, b.book)
            ),
            pms.book_account(b.account, b.book),
            totals_by_book.asset
        ) AS summary
        -- Summed once, not by each column (ADR 0002).
        OFFSET 0
    ) s
    WHERE b.account = pms.base_account(v_account)
        AND b.book = coalesce(pms.book_of(v_account), b.book);
END
$$;

COMMENT ON FUNCTION pms.totals_by_book IS
$$The total of each book of an account, or of one book of pms.book_account; null: of main

asset: null is all; as_of and known_at: null is now.$$;
