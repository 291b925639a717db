-- Parsed now, so that it can be inlined for the readers of a view, who have no USAGE on pms.
CREATE OR REPLACE FUNCTION pms.leg_figures(legs pms.priced_leg[])
RETURNS TABLE (
    account text,
    asset text,
    mode text,
    size numeric,
    cost numeric,
    market_value numeric,
    unrealized_pnl numeric,
    realized_pnl numeric,
    fees_paid numeric,
    funding numeric,
    net_pnl numeric,
    usdt_rate numeric,
    opened_at timestamptz,
    closed_at timestamptz,
    unconverted_fees bigint,
    needs_review boolean,
    updated_at timestamptz,
    last_snapshot_at timestamptz,
    created_at timestamptz,
    version bigint
)
LANGUAGE sql
STABLE
PARALLEL SAFE
BEGIN ATOMIC
    SELECT
        l.account,
        l.asset,
        l.mode,
        l.size,
        l.cost,
        l.market_value,
        l.market_value - l.cost AS unrealized_pnl,
        l.realized - l.fees_close + l.funding AS realized_pnl,
        l.fees_open + l.fees_close AS fees_paid,
        l.funding,
        l.realized + coalesce(l.market_value - l.cost, 0) - l.fees_open - l.fees_close + l.funding
            AS net_pnl,
        l.usdt_rate,
        CASE WHEN l.size <> 0 THEN l.opened_at END AS opened_at,
        l.closed_at,
        l.unconverted_fees,
        l.needs_review
        OR (l.leg = 'long' AND l.size < 0)
        OR (l.leg = 'short' AND l.size > 0) AS needs_review,
        l.updated_at,
        l.last_snapshot_at,
        l.created_at,
        l.version
    FROM (
        SELECT
            g.*,
            CASE
                WHEN g.size = 0 THEN 0
                ELSE pms.contract_value(g.size, g.mark_price, g.multiplier, g.is_inverse)
            END AS market_value
        FROM unnest(legs) g
        -- Valued once for all figures that use it (ADR 0002).
        OFFSET 0  -- noqa: AM09
    ) l;
END;

COMMENT ON FUNCTION pms.leg_figures IS $$The figures of each leg, in its settlement currency

market_value and unrealized_pnl are null for an open leg without a price; net_pnl leaves them out.
needs_review includes a leg on the wrong side. Source of the formulas: accounting.md, "Published
fields".$$;

GRANT EXECUTE ON FUNCTION pms.leg_figures
TO pms_reader, pms_trader, pms_operator, pms_analyst;
