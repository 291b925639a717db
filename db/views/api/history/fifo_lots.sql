CREATE OR REPLACE VIEW api.fifo_lots WITH (security_barrier = TRUE) AS
SELECT
    p.account,
    p.asset,
    p.mode,
    p.leg,
    l.entry_id,
    l.executed_at,
    trim_scale(l.quantity) AS quantity,
    trim_scale(
        pms.average_price(l.quantity, l.cost, i.multiplier, i.kind = 'inverse')
    ) AS price,
    trim_scale(l.cost) AS cost,
    i.settlement_currency
FROM pms.positions p
INNER JOIN pms.instruments i ON p.asset = i.asset
CROSS JOIN LATERAL pms.open_lots(p.account, p.asset, p.mode, p.leg) l
WHERE p.size <> 0
    AND pms.in_scope(p.account);

COMMENT ON VIEW api.fifo_lots IS $$The open lots of every position, first in first out

An alternative to average cost, which all other figures use. The first unit bought is the first one
sold, so the open lots are the newest entries that add up to the size; the oldest of them may count
in part. An opening or an adjustment replaces all open lots with one. A transfer counts like any
other entry: it removes the oldest lots of the sender and adds one lot to the receiver.$$;

COMMENT ON COLUMN api.fifo_lots.account IS 'The account that holds the lot.';

COMMENT ON COLUMN api.fifo_lots.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.fifo_lots.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.fifo_lots.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.fifo_lots.entry_id IS 'The entry that opened the lot; see api.fills.';

COMMENT ON COLUMN api.fifo_lots.executed_at IS 'When the lot was bought, or sold short.';

COMMENT ON COLUMN api.fifo_lots.quantity IS 'Quantity still open, signed: + long, - short.';

COMMENT ON COLUMN api.fifo_lots.price IS
'Quote currency: cost per unit, rounded to 12 fractional digits.';

COMMENT ON COLUMN api.fifo_lots.cost IS 'Settlement currency: signed cost of the open quantity.';

COMMENT ON COLUMN api.fifo_lots.settlement_currency IS 'The currency of cost.';

GRANT SELECT ON api.fifo_lots TO pms_reader, pms_trader, pms_operator, pms_analyst;
