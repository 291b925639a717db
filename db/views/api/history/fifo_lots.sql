CREATE OR REPLACE VIEW api.fifo_lots AS
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

Beside the average cost by which everything else is told. The first unit bought is the first one
sold: what is open are the newest entries, as many as make the size; of the oldest of them a part.
An opening or an adjustment makes one lot of all that are open. A transfer is an entry like another: what leaves
are the oldest lots, what comes is one lot.$$;

COMMENT ON COLUMN api.fifo_lots.account IS 'The account that holds it.';

COMMENT ON COLUMN api.fifo_lots.asset IS 'Symbol, upper case.';

COMMENT ON COLUMN api.fifo_lots.mode IS 'one-way or hedge.';

COMMENT ON COLUMN api.fifo_lots.leg IS 'net in one-way mode; long or short in hedge mode.';

COMMENT ON COLUMN api.fifo_lots.entry_id IS 'The entry of which it is left: see api.fills.';

COMMENT ON COLUMN api.fifo_lots.executed_at IS 'When it was bought, or sold short.';

COMMENT ON COLUMN api.fifo_lots.quantity IS 'Quantity still open, signed: + long, - short.';

COMMENT ON COLUMN api.fifo_lots.price IS
'Quote currency; what a unit of it cost, rounded to 12 fractional digits.';

COMMENT ON COLUMN api.fifo_lots.cost IS 'Settlement currency: what the open quantity cost, signed.';

COMMENT ON COLUMN api.fifo_lots.settlement_currency IS 'The currency of cost.';

GRANT SELECT ON api.fifo_lots TO pms_reader, pms_trader, pms_operator, pms_analyst;
