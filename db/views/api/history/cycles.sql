CREATE OR REPLACE VIEW api.cycles WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.asset,
    p.mode,
    c.leg,
    c.direction,
    c.opened_at,
    c.closed_at,
    c.duration_minutes,
    c.entries,
    c.average_entry_price,
    c.average_exit_price,
    c.peak_size,
    c.quantity_traded,
    c.realized,
    c.fees_paid,
    c.funding,
    c.net_pnl,
    c.settlement_currency,
    c.opening_entry_id,
    c.closing_entry_id,
    c.turnover
FROM pms.positions p
CROSS JOIN LATERAL pms.cycles_of_leg(p.account, p.asset, p.mode, p.leg) c
WHERE p.version > 0
    AND pms.in_scope(p.account);

COMMENT ON VIEW api.cycles IS $$The closed cycles of all positions

A cycle is a leg from flat to flat; a flip ends one and begins the next, and shares its fee between
them. Computed from the ledger when it is read. For the worst and the best of a cycle while it was
open, see api.closed_cycles.$$;

COMMENT ON COLUMN api.cycles.account IS 'The account that held the leg.';

COMMENT ON COLUMN api.cycles.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.cycles.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.cycles.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.cycles.direction IS 'long or short.';

COMMENT ON COLUMN api.cycles.opened_at IS 'Event time of the entry that opened it.';

COMMENT ON COLUMN api.cycles.closed_at IS 'Event time of the entry that closed it.';

COMMENT ON COLUMN api.cycles.duration_minutes IS 'Whole minutes from opened_at to closed_at.';

COMMENT ON COLUMN api.cycles.entries IS 'Count: its entries, funding included.';

COMMENT ON COLUMN api.cycles.average_entry_price IS
'Quote currency: the average price of all that opened.';

COMMENT ON COLUMN api.cycles.average_exit_price IS
'Quote currency: the average price of all that closed.';

COMMENT ON COLUMN api.cycles.peak_size IS 'Quantity: the largest size, not negative.';

COMMENT ON COLUMN api.cycles.quantity_traded IS
'Quantity: all that was opened and closed, not negative.';

COMMENT ON COLUMN api.cycles.realized IS
'Settlement currency: realized PnL, before fees and funding.';

COMMENT ON COLUMN api.cycles.fees_paid IS
'Settlement currency: all fees; rebates are negative.';

COMMENT ON COLUMN api.cycles.funding IS 'Settlement currency: received (+) or paid (-).';

COMMENT ON COLUMN api.cycles.net_pnl IS 'Settlement currency: realized - fees + funding.';

COMMENT ON COLUMN api.cycles.settlement_currency IS
'The currency of realized, fees, funding and net_pnl.';

COMMENT ON COLUMN api.cycles.opening_entry_id IS 'The id of its first entry in api.fills.';

COMMENT ON COLUMN api.cycles.closing_entry_id IS 'The id of its last entry in api.fills.';

COMMENT ON COLUMN api.cycles.turnover IS
'Settlement currency: |value| of all that was opened and closed.';

GRANT SELECT ON api.cycles TO pms_reader, pms_trader, pms_operator, pms_analyst;
