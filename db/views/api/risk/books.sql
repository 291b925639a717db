CREATE OR REPLACE VIEW api.books WITH (security_barrier = TRUE) AS
WITH held AS (
    SELECT array_agg(h.leg) AS legs
    FROM pms.priced_legs h
    WHERE pms.is_book(h.account)
        AND pms.in_scope(pms.base_account(h.account))
),

-- Once, not for each book (ADR 0002).
total AS MATERIALIZED (
    SELECT t.*
    FROM held a
    CROSS JOIN LATERAL pms.sum_positions(a.legs, FALSE, TRUE) t
)

SELECT
    b.account,
    b.book,
    b.created_at,
    coalesce(t.open_positions_count, 0) AS open_positions,
    coalesce(t.exposure_usdt, 0) AS exposure_usdt,
    coalesce(t.unrealized_pnl_usdt, 0) AS unrealized_pnl_usdt,
    coalesce(t.realized_pnl_usdt, 0) AS realized_pnl_usdt,
    coalesce(t.fees_paid_usdt, 0) AS fees_paid_usdt,
    coalesce(t.funding_usdt, 0) AS funding_usdt,
    coalesce(t.net_pnl_usdt, 0) AS net_pnl_usdt,
    coalesce(t.complete, TRUE) AS complete
FROM pms.books b
LEFT JOIN total t ON t.account = pms.book_account(b.account, b.book)
WHERE pms.in_scope(b.account);

COMMENT ON VIEW api.books IS $$The books of each account, with their totals

One row per strategy that a fill has named, and one for unassigned. The sum of the books is the
account.$$;

COMMENT ON COLUMN api.books.account IS 'The account.';

COMMENT ON COLUMN api.books.book IS 'The strategy, or unassigned.';

COMMENT ON COLUMN api.books.created_at IS 'When a fill first named it.';

COMMENT ON COLUMN api.books.open_positions IS 'Count: open positions.';

COMMENT ON COLUMN api.books.exposure_usdt IS 'USDT: the sum of the absolute exposures.';

COMMENT ON COLUMN api.books.unrealized_pnl_usdt IS 'USDT: unrealized PnL.';

COMMENT ON COLUMN api.books.realized_pnl_usdt IS
'USDT: realized PnL less the fees of closing, plus funding.';

COMMENT ON COLUMN api.books.fees_paid_usdt IS 'USDT: fees of opening and closing.';

COMMENT ON COLUMN api.books.funding_usdt IS 'USDT: funding received (+) or paid (-).';

COMMENT ON COLUMN api.books.net_pnl_usdt IS 'USDT: unrealized and realized PnL less all fees.';

COMMENT ON COLUMN api.books.complete IS
'False when a position without a price or a rate to USDT is left out.';

GRANT SELECT ON api.books TO pms_reader, pms_trader, pms_operator, pms_analyst;
