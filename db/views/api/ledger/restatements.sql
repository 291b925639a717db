CREATE OR REPLACE VIEW api.restatements WITH (security_invoker = TRUE) AS
SELECT
    r.account,
    r.id,
    r.asset,
    r.mode,
    r.leg,
    r.cause,
    r.earliest_at,
    trim_scale(r.realized_pnl_before) AS realized_pnl_before,
    trim_scale(r.realized_pnl_after) AS realized_pnl_after,
    trim_scale(r.realized_pnl_after - r.realized_pnl_before) AS realized_pnl_change,
    i.settlement_currency,
    r.recorded_at,
    r.trace_id
FROM pms.restatements r
INNER JOIN pms.instruments i ON r.asset = i.asset
WHERE NOT pms.is_book(r.account);

COMMENT ON VIEW api.restatements IS $$Changes of realized profit in the past, with cause and amount

One row whenever an entry arrives that is older than one already counted, or a counted entry is
voided. Realized profit published for earlier moments is then no longer current.$$;

COMMENT ON COLUMN api.restatements.account IS 'The account whose past changed.';

COMMENT ON COLUMN api.restatements.id IS 'Number of the restatement.';

COMMENT ON COLUMN api.restatements.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.restatements.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.restatements.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.restatements.cause IS
$$late (an entry arrived late), bust, correction, restore or recount

restore: a validation corrected a row; recount: the instrument was defined otherwise. Amounts before a
recount are in the former settlement currency.$$;

COMMENT ON COLUMN api.restatements.earliest_at IS
'Start of the changed past: event time of the oldest entry added or voided.';

COMMENT ON COLUMN api.restatements.realized_pnl_before IS
'Settlement currency: realized_pnl (realized net + funding) before.';

COMMENT ON COLUMN api.restatements.realized_pnl_after IS
'Settlement currency: the same figure at the same entry, after.';

COMMENT ON COLUMN api.restatements.realized_pnl_change IS 'Settlement currency: after - before.';

COMMENT ON COLUMN api.restatements.settlement_currency IS 'The currency of the amounts.';

COMMENT ON COLUMN api.restatements.recorded_at IS 'When the change was recorded.';

COMMENT ON COLUMN api.restatements.trace_id IS 'The trace id of the message or request.';

GRANT SELECT ON api.restatements TO pms_reader, pms_trader, pms_operator, pms_analyst;
